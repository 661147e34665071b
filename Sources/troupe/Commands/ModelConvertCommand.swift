import ArgumentParser
import Foundation
import Models

/// `troupe model convert`: weights of any format become a directory that `transformers` opens.
struct ModelConvertCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Write a model as config.json, model.safetensors and its tokenizer's files.",
        discussion: """
            Reads safetensors and pytorch_model.bin, in one file or in shards, and the TensorFlow checkpoints of BERT and
            ALBERT, whose JSON configuration has to be named. Files of a tokenizer that lie beside the weights are copied.

            Examples:
              troupe model convert --from bert-base-uncased --to models/bert
              troupe model convert --from uncased_L-2_H-128_A-2/bert_model.ckpt \\
                --config uncased_L-2_H-128_A-2/bert_config.json --to models/bert-tiny
              troupe model convert --from albert_base/model.ckpt-best --config albert_base/albert_config.json \\
                --vocab albert_base/30k-clean.model --uncased --to models/albert
            """)

    @Option(name: .long, help: ArgumentHelp("A model directory, or a file of weights.", valueName: "path"))
    var from: String

    @Option(name: .long, help: ArgumentHelp("The directory to write.", valueName: "dir"))
    var to: String

    @Option(
        name: .long,
        help: ArgumentHelp("The configuration; if left out, config.json beside the weights.", valueName: "file"))
    var config: String?

    @Option(
        name: .long,
        help: ArgumentHelp("A SentencePiece model, or a vocabulary with a token per line.", valueName: "file"))
    var vocab: String?

    @Flag(name: .long, help: "The vocabulary of --vocab is for lower-cased text.")
    var uncased = false

    @Flag(name: .long, help: "Print what was done as JSON.")
    var json = false

    func validate() throws {
        if uncased, vocab == nil { throw ValidationError("--uncased says something of --vocab, which is not given") }
    }

    func run() async throws {
        try await reportingErrors {
            let conversion = try ModelConversion(weights: from, configuration: config)
            let tokenizer = vocab.map { path -> TokenizerFiles in
                path.hasSuffix(".model")
                    ? .sentencePiece(path: path, lowercase: uncased) : .wordPiece(path: path, lowercase: uncased)
            }
            try conversion.write(to: to, tokenizer: tokenizer)
            let name = conversion.configuration.architecture(head: conversion.head)
            if json {
                guard case .object(var members) = conversion.report.json else { return }
                members["architecture"] = .string(name)
                members["format"] = .string(conversion.format.rawValue)
                members["tensors"] = .integer(conversion.tensorCount)
                print(JSONValue.object(members).text())
            } else {
                print("\(to): \(name), \(conversion.tensorCount) tensors from \(conversion.path)")
                print(conversion.report.text, terminator: "")
            }
        }
    }
}
