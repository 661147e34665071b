import Coordinator
import Foundation
import TestSupport
import Testing

@Suite struct RunReportTests {
    private func records(_ steps: ClosedRange<Int>, _ value: (Double) -> Double = { 5 + 3 / $0 }) -> [MetricRecord] {
        steps.map { MetricRecord(step: $0, values: ["masked_lm_loss": value(Double($0)), "learning_rate": 1e-4]) }
    }

    private func occurrences(of text: String, in page: String) -> Int {
        page.components(separatedBy: text).count - 1
    }

    @Test func everyTextIsEscaped() {
        let hostile = "<script>alert('\"&')</script>"
        let escaped = "&lt;script&gt;alert(&#39;&quot;&amp;&#39;)&lt;/script&gt;"
        let page = RunReport(
            title: hostile, status: .finished, highlights: [.init(hostile, hostile)], facts: [.init(hostile, hostile)],
            verdicts: [.init(hostile, holds: true)], metrics: records(1...3),
            evaluations: [MetricRecord(step: 3, values: [hostile: 1])],
            events: [
                LoggedEvent(
                    time: Date(timeIntervalSince1970: 0), name: hostile, details: [.init(hostile, .string(hostile))])
            ]
        ).html()
        #expect(!page.contains("<script"))
        #expect(occurrences(of: escaped, in: page) == 11)
    }

    @Test func thePageNeedsNothingButItself() {
        let page = RunReport(title: "run", metrics: records(1...20), unigramCrossEntropy: 6.3).html()
        for reference in ["http:", "https:", "src=", "url(", "@import", "<link", "<script"] {
            #expect(!page.contains(reference), "\(reference)")
        }
        #expect(page.contains("prefers-color-scheme: dark"))
    }

    @Test func theMarkupIsWellFormed() throws {
        let page = RunReport(
            title: "run", status: .stopped, highlights: [.init("a", "b")], facts: [.init("a", "b")],
            verdicts: [.init("a < b", holds: false)], metrics: records(1...300), evaluations: records(10...12),
            events: [LoggedEvent(time: Date(timeIntervalSince1970: 0), name: "run_started")], unigramCrossEntropy: 6.3
        ).html()
        var open: [Substring] = []
        let body = try #require(page.range(of: "<body>")).lowerBound
        for piece in page[body...].split(separator: "<").dropFirst(0) where piece.contains(">") {
            let name = piece.prefix { $0.isLetter || $0.isNumber || $0 == "/" }
            let isEmpty = piece.prefix { $0 != ">" }.hasSuffix("/")
            if name.hasPrefix("/") {
                let expected = open.popLast()
                guard name != "/html" || expected != nil else { continue }
                #expect(expected == name.dropFirst())
            } else if !isEmpty, !name.isEmpty {
                open.append(name)
            }
        }
        #expect(open.isEmpty)
    }

    @Test func chartsWithoutDataAreLeftOut() {
        let page = RunReport(title: "run", metrics: records(1...20)).html()
        #expect(occurrences(of: "<figure", in: page) == 2)
        #expect(page.contains("<h3>Masked-LM loss</h3>"))
        #expect(!page.contains("Throughput"))
        let empty = RunReport(title: "run", metrics: []).html()
        #expect(!empty.contains("<figure") && !empty.contains("<table"))
    }

    @Test func aLossThatIsNotFiniteIsNotDrawn() {
        let page = RunReport(title: "run", metrics: records(1...9) { $0 == 4 ? .nan : $0 == 5 ? .infinity : 5 }).html()
        #expect(page.contains("<figure"))
        #expect(!page.contains("nan") && !page.contains("inf\""))
    }

    @Test func theUnigramLineIsDrawnAndNamed() {
        let page = RunReport(title: "run", metrics: records(1...20), unigramCrossEntropy: 6.3).html()
        #expect(page.contains("unigram 6.3</li>"))
        #expect(page.contains("<line class=\"level\""))
    }

    @Test func aSinglePointIsMarked() {
        let page = RunReport(title: "run", metrics: [], evaluations: records(7...7)).html()
        #expect(page.contains("<circle class=\"heldout\""))
    }

    @Test func longRunsStaySmall() {
        let page = RunReport(title: "run", metrics: records(1...20_000)).html()
        #expect(page.utf8.count < 200_000)
    }

    @Test func pointsBeyondTheAxisAreCounted() {
        let page = RunReport(title: "run", metrics: records(1...500) { $0 == 250 ? 1e6 : 5 + sin($0) }).html()
        #expect(page.contains("point beyond the axis") || page.contains("points beyond the axis"))
    }

    @Test func underThePointerStandTheMeasuredNumbers() {
        let page = RunReport(
            title: "run", metrics: records(1...20) { $0 }, evaluations: records(20...20) { $0 / 2 }
        ).html()
        #expect(page.contains("<title>step 7 · training 7</title>"))
        #expect(page.contains("<title>step 20 · training 20 · held-out 10</title>"))
    }

    @Test func thePageIsWrittenWhole() throws {
        try withTemporaryDirectory { folder in
            let report = RunReport(title: "run", metrics: records(1...20))
            try report.write(to: "\(folder)/report.html")
            #expect(try String(contentsOfFile: "\(folder)/report.html", encoding: .utf8) == report.html())
        }
    }
}
