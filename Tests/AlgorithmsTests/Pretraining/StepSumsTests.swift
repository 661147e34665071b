import Algorithms
import Models
import Testing

@Suite struct StepSumsTests {
    private func sums() -> StepSums {
        var sums = StepSums(stopRequests: 7)
        sums.losses.maskedLMLossSum = 12.5
        sums.losses.maskedLMCorrect = 2
        sums.losses.maskedLMWeight = 5
        sums.losses.pairLossSum = 1.5
        sums.losses.pairCorrect = 3
        sums.losses.pairCount = 4
        return sums
    }

    @Test func sumsSurviveTheTail() {
        let tail = sums().tail
        #expect(tail.count == StepSums.count)
        let read = StepSums(tail.span)
        #expect(read.losses == sums().losses && read.stopRequests == 7)
    }

    @Test func tailsOfRanksAddUp() {
        let tail = zip(sums().tail, sums().tail).map { $0 + $1 }
        let read = StepSums(tail.span)
        #expect(read.losses.maskedLMLossSum == 25 && read.losses.pairCount == 8 && read.stopRequests == 14)
    }

    @Test(arguments: [PretrainingReport.PairTask.sentenceOrder, .nextSentence])
    func valuesAreMeansOverTheirOwnCounts(task: PretrainingReport.PairTask) throws {
        let values = sums().values(pairTask: task)
        let name = task == .sentenceOrder ? "sentence_order" : "next_sentence"
        #expect(
            Set(values.keys) == ["loss", "masked_lm_loss", "masked_lm_accuracy", "\(name)_loss", "\(name)_accuracy"])
        let masked = try #require(values["masked_lm_loss"])
        let pair = try #require(values["\(name)_loss"])
        #expect(abs(masked - 2.5) < 1e-5 && pair == 0.375 && values["loss"] == masked + pair)
        #expect(abs(try #require(values["masked_lm_accuracy"]) - 0.4) < 1e-5)
        #expect(values["\(name)_accuracy"] == 0.75)
    }

    @Test func nothingMaskedIsNoLossRatherThanNoNumber() {
        var sums = StepSums(stopRequests: 0)
        sums.losses.pairCount = 1
        #expect(sums.values(pairTask: .sentenceOrder)["masked_lm_loss"] == 0)
    }
}
