import Foundation
import Models
import Tensor
import TestSupport
import Testing

/// Logits, hidden states, attentions, losses and gradients of every family and head against `transformers`
/// (scripts/goldens/model_parity.py wrote the fixture, in float64, with padding).
struct ModelParityTests {
    /// The cases of the fixture by number, so that each is a test of its own.
    static let cases: [ParityCase] = (try? ParityCase.all()) ?? []

    @Test func theFixtureHoldsEveryFamilyAndHead() throws {
        let cases = try ParityCase.all()
        #expect(cases.count == 35)
        for family in ["Bert", "Albert", "DistilBert", "Roberta"] {
            let heads = [
                "Model", "ForMaskedLM", "ForSequenceClassification", "ForTokenClassification", "ForQuestionAnswering",
                "ForMultipleChoice",
            ]
            for head in heads { #expect(cases.contains { $0.name == family + head }, "\(family)\(head)") }
        }
    }

    @Test(arguments: cases, [(DType.float64, 3e-8), (.float32, 2e-5)])
    func transformersAgrees(test: ParityCase, precision: (dtype: DType, tolerance: Double)) throws {
        let (dtype, tolerance) = precision
        let context = ComputeContext(threads: 1)
        let configuration = test.configuration
        let head = try #require(configuration.savedHead)
        #expect(configuration.architecture(head: head) == test.name)
        let model = try GoldenModels.model(configuration, head: head, dtype: dtype, in: context)
        let input = try EncoderInput(test.sequences, for: configuration, in: context)
        func expect(_ name: String, _ got: some Collection<Double>, _ expected: [Double]) {
            let problem = difference(got, expected, tolerance: tolerance)
            #expect(problem == nil, "\(dtype) \(name): \(problem ?? "")")
        }

        let output = model.encode(input, ForwardOptions(keepingHiddenStates: true, keepingAttentions: true))
        #expect(output.hiddenStates.count == test.hidden.count)
        for (index, (state, expected)) in zip(output.hiddenStates, test.hidden).enumerated() {
            expect("hidden state \(index)", state.doubles().prefix(expected.count), expected)
        }
        #expect(output.attentions.count == test.attentions.count)
        for (index, (layer, expected)) in zip(output.attentions, test.attentions).enumerated() {
            #expect(layer.map(\.shape.dimensions) == test.squares(heads: configuration.encoder.headCount))
            expect("attention \(index)", layer[0].doubles().prefix(expected.count), expected)
        }

        let (logits, loss) = try test.run(model, input)
        expect("logits", logits.doubles(), test.logits)
        if let pooled = test.numbers("pooled") {
            expect("pooled", try #require(model.pooled(of: output, input)).doubles(), pooled)
            expect("pooled alone", try #require(model.pooled(input)).doubles(), pooled)
        }
        expect("loss", [loss.item()], [test.loss])
        loss.backward()
        #expect(Set(test.gradients.keys) == Set(model.parameters.entries.map(\.name)))
        for (name, expected) in test.gradients {
            expect("gradient of \(name)", [norm(try #require(model.parameters[name].gradient))], [expected])
        }
    }
}
