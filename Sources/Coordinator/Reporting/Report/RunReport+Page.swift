import FoundationEssentials

extension RunReport {
    /// The most events shown; of longer histories the page shows the end and says how many it left out.
    private static let eventLimit = 300

    /// The page.
    package func html() -> String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <title>\(HTML.escaped(title)) · Troupe</title>
        <style>
        \(Self.styleSheet)
        </style>
        </head>
        <body>
        <main>
        \(header)
        \(factList)
        \(chartGrid)
        \(evaluationTable)
        \(eventList)
        </main>
        </body>
        </html>

        """
    }

    private var header: String {
        let pill = status.map { "<span class=\"pill \($0.rawValue)\">\($0.rawValue)</span>" } ?? ""
        let tiles = highlights.map { fact in
            "<div class=\"card tile\"><dt>\(HTML.escaped(fact.label))</dt><dd>\(HTML.escaped(fact.value))</dd></div>"
        }.joined()
        let judgements = verdicts.map { verdict in
            let (style, mark) = verdict.holds ? ("holds", "✓") : ("fails", "✗")
            let word = verdict.holds ? "reached: " : "not reached: "
            return
                "<li class=\"\(style)\"><b aria-hidden=\"true\">\(mark)</b><span><span class=\"aside\">\(word)</span>"
                + "\(HTML.escaped(verdict.text))</span></li>"
        }.joined()
        return """
            <header><p class="brand">Troupe</p><h1>\(HTML.escaped(title)) \(pill)</h1></header>
            \(tiles.isEmpty ? "" : "<dl class=\"tiles\">\(tiles)</dl>")
            \(judgements.isEmpty ? "" : "<ul class=\"card verdicts\">\(judgements)</ul>")
            """
    }

    private var factList: String {
        guard !facts.isEmpty else { return "" }
        let entries = facts.map { fact in
            "<div><dt>\(HTML.escaped(fact.label))</dt><dd>\(HTML.escaped(fact.value))</dd></div>"
        }.joined()
        return "<section><h2>Run</h2><dl class=\"card facts\">\(entries)</dl></section>"
    }

    private var chartGrid: String {
        let figures = charts.compactMap { ChartDrawing($0)?.html }.joined()
        return figures.isEmpty ? "" : "<section><h2>Training</h2><div class=\"charts\">\(figures)</div></section>"
    }

    private var evaluationTable: String {
        let keys = MetricsLog.sorted(evaluations.reduce(into: [:]) { $0.merge($1.values) { $1 } }).map(\.key)
        guard !keys.isEmpty else { return "" }
        let heads = keys.map { "<th scope=\"col\">\(HTML.escaped(Self.words($0)))</th>" }.joined()
        let rows = evaluations.map { record in
            let cells = keys.map { key in
                "<td>\(record.values[key].map { Self.number($0, key: key) } ?? "")</td>"
            }.joined()
            return "<tr><th scope=\"row\">\(Quantity.count(record.step))</th>\(cells)</tr>"
        }.joined(separator: "\n")
        return """
            <section><h2>Held-out evaluations</h2><div class="card scroll"><table>
            <thead><tr><th scope="col">step</th>\(heads)</tr></thead>
            <tbody>\(rows)</tbody></table></div></section>
            """
    }

    private var eventList: String {
        let others = events.filter { $0.name != LoggedEvent.evaluation }
        guard !others.isEmpty else { return "" }
        let shown = others.suffix(Self.eventLimit)
        let omitted = others.count - shown.count
        let note = omitted > 0 ? "<p class=\"aside\">\(Quantity.count(omitted)) earlier events are left out.</p>" : ""
        let rows = shown.map(Self.row).joined(separator: "\n")
        return """
            <section><h2>Events</h2>\(note)<div class="card scroll"><table class="events">
            <thead><tr><th scope="col">time (UTC)</th><th scope="col">event</th><th scope="col">step</th>\
            <th scope="col">rank</th><th scope="col">process</th><th scope="col">details</th></tr></thead>
            <tbody>\(rows)</tbody></table></div></section>
            """
    }

    private static func row(_ event: LoggedEvent) -> String {
        let stamp = event.time.formatted(LoggedEvent.timeFormat)
        let clock = stamp.replacing("T", with: " ").prefix(19)
        let details = event.details.map { member in
            "<span>\(HTML.escaped(words(member.key)))</span> \(HTML.escaped(text(member.value)))"
        }.joined(separator: ", ")
        let numbers = [event.step, event.rank, event.processID].map { "<td>\($0.map { String($0) } ?? "")</td>" }
        let alarm = ["fail", "lost", "error", "abort"].contains { event.name.contains($0) }
        return "<tr\(alarm ? " class=\"alarm\"" : "")><td><time datetime=\"\(stamp)\">\(clock)</time></td>"
            + "<td>\(HTML.escaped(words(event.name)))</td>\(numbers.joined())<td>\(details)</td></tr>"
    }

    private static func number(_ value: Double, key: String) -> String {
        if key.hasSuffix("accuracy") { return Quantity.fixed(value * 100, 1) + " %" }
        if abs(value) >= 1000 { return value == value.rounded() ? Quantity.fixed(value, 0) : Quantity.short(value) }
        return Quantity.fixed(value, 4)
    }

    private static func text(_ value: JSONValue) -> String {
        value.text ?? value.double.map { value.int.map { String($0) } ?? Quantity.short($0) } ?? value.line
    }

    private static func words(_ name: String) -> String {
        name.replacing("_", with: " ").replacing(".", with: " ")
    }
}
