/// A line chart drawn as SVG. The page's style sheet gives colours by class, so one drawing serves light and dark.
struct ChartDrawing {
    private static let width = 560.0
    private static let height = 300.0
    private static let left = 62.0
    private static let right = width - 14
    private static let top = 14.0
    private static let bottom = height - 40
    /// How many columns answer to the pointer.
    private static let columnLimit = 100

    private let chart: LineChart
    private let lines: [LineChart.Series]
    private let x: ChartScale
    private let y: ChartScale

    /// Prepares a drawing; `nil` if no series has a point.
    init?(_ chart: LineChart) {
        lines = chart.series.filter { !$0.points.isEmpty }
        let steps = lines.flatMap { $0.points.map(\.x) }
        guard let first = steps.min(), let last = steps.max() else { return nil }
        self.chart = chart
        // A run that starts near step zero shows the zero.
        x = ChartScale(
            (first < last * 0.1 ? 0 : first)...last, from: Self.left, to: Self.right, tickCount: 6, isRounded: false)
        y = ChartScale(
            Self.values(of: chart, lines), from: Self.bottom, to: Self.top, tickCount: 5, isRounded: true)
    }

    /// The chart as a `figure`: heading, legend and an SVG that fills the width it is given.
    var html: String {
        let outside = lines.flatMap(\.points).count { !y.domain.contains($0.y) }
        let note =
            outside > 0 ? " · \(Quantity.count(outside)) \(outside == 1 ? "point" : "points") beyond the axis" : ""
        return """
            <figure class="card chart">
            <figcaption><h3>\(HTML.escaped(chart.title))</h3><p>\(HTML.escaped(chart.unit))\(note)</p></figcaption>
            <ul class="legend">\(legend)</ul>
            <svg viewBox="0 0 \(HTML.pixel(Self.width)) \(HTML.pixel(Self.height))" role="img" \
            aria-label="\(HTML.escaped("\(chart.title) (\(chart.unit)) over steps"))">
            \(axes)
            \(chart.levels.map { horizontal("level", at: y($0.value)) }.joined())
            \(lines.map(drawing).joined(separator: "\n"))
            \(hoverColumns)
            </svg>
            </figure>

            """
    }

    /// The range of the vertical axis. A few wild points do not squeeze everything else into a corner: where fitting
    /// the outermost 2 % of a series would stretch its range by more than half, they are left outside.
    private static func values(of chart: LineChart, _ lines: [LineChart.Series]) -> ClosedRange<Double> {
        var fitting = chart.levels.map(\.value)
        for line in lines {
            let sorted = line.points.map(\.y).sorted()
            let margin = sorted.count / 100
            let (low, high) = (sorted[margin], sorted[sorted.count - 1 - margin])
            let span = sorted[sorted.count - 1] - sorted[0]
            let isWild = span > 1.5 * (high - low) && high > low
            fitting += isWild ? [low, high] : [sorted[0], sorted[sorted.count - 1]]
        }
        if chart.startsAtZero { fitting.append(0) }
        let low = fitting.min() ?? 0
        return low...max(fitting.max() ?? low, low)
    }

    private var legend: String {
        let entries = lines.map { line in
            "<li class=\"\(line.style.rawValue)\">\(HTML.escaped(line.label))\(line.isSmoothed ? ", smoothed" : "")</li>"
        }
        let comparisons = chart.levels.map { level in
            "<li class=\"level\">\(HTML.escaped(level.label)) \(format(level.value))</li>"
        }
        return (entries + comparisons).joined()
    }

    private var axes: String {
        let rows = y.ticks.map { tick in
            horizontal("grid", at: y(tick))
                + Self.text("tick", y.label(tick, isShare: chart.isShare), Self.left - 8, y(tick) + 4, anchor: "end")
        }
        let columns = x.ticks.filter { $0 == $0.rounded() }.map { tick in
            Self.line("axis", (x(tick), Self.bottom), (x(tick), Self.bottom + 4))
                + Self.text("tick", x.label(tick), x(tick), Self.bottom + 18, anchor: "middle")
        }
        return rows.joined() + columns.joined() + horizontal("axis", at: Self.bottom)
            + Self.text("tick", "step", Self.right, Self.height - 5, anchor: "end")
    }

    private func drawing(of series: LineChart.Series) -> String {
        let (style, drawn) = (series.style.rawValue, LineChart.thinned(series.points))
        guard !series.isSmoothed else {
            return "<path class=\"\(style) raw\" d=\"\(path(drawn))\"/>"
                + "<path class=\"\(style)\" d=\"\(path(LineChart.smoothed(drawn)))\"/>"
        }
        // Few points are marked, so that one alone can be seen.
        var marks = ""
        for point in drawn where drawn.count <= 40 {
            let (left, top) = place(point)
            marks += "<circle class=\"\(style)\" cx=\"\(HTML.pixel(left))\" cy=\"\(HTML.pixel(top))\" r=\"3\"/>"
        }
        return "<path class=\"\(style)\" d=\"\(path(drawn))\"/>" + marks
    }

    /// Invisible columns that show, under the pointer, a line and the numbers measured there: by style sheet alone.
    private var hoverColumns: String {
        let steps = Set(lines.flatMap { $0.points.map(\.x) }).sorted()
        let stops = Self.spread(steps, over: Self.columnLimit)
        let reach = stops.count > 1 ? (stops[stops.count - 1] - stops[0]) / Double(stops.count - 1) / 2 : 0
        var columns = ""
        for (index, step) in stops.enumerated() {
            let from = index == 0 ? Self.left : x((stops[index - 1] + step) / 2)
            let to = index == stops.count - 1 ? Self.right : x((step + stops[index + 1]) / 2)
            columns += hoverColumn(at: step, from: from, to: max(from, to), reach: reach)
        }
        return columns
    }

    private func hoverColumn(at step: Double, from: Double, to: Double, reach: Double) -> String {
        let numbers = lines.compactMap { line in
            LineChart.nearest(to: step, in: line.points, within: reach).map { "\(line.label) \(format($0.y))" }
        }
        let note = (["step \(Quantity.count(Int(step)))"] + numbers).joined(separator: " · ")
        let area = """
            x="\(HTML.pixel(from))" y="\(HTML.pixel(Self.top))" width="\(HTML.pixel(to - from))" \
            height="\(HTML.pixel(Self.bottom - Self.top))"
            """
        return "<g class=\"hover\"><title>\(HTML.escaped(note))</title><rect \(area)/>"
            + Self.line("at", (x(step), Self.top), (x(step), Self.bottom))
            + Self.text("at", note, Self.left, Self.height - 5, anchor: "start") + "</g>"
    }

    /// At most `count` of the sorted steps, evenly spread, the first and the last among them.
    private static func spread(_ steps: [Double], over count: Int) -> [Double] {
        guard steps.count > count else { return steps }
        return (0..<count).map { steps[$0 * (steps.count - 1) / (count - 1)] }
    }

    /// Where a point is drawn; one beyond the axis is drawn at its edge.
    private func place(_ point: LineChart.Point) -> (Double, Double) {
        (x(point.x), min(max(y(point.y), Self.top), Self.bottom))
    }

    private func path(_ points: [LineChart.Point]) -> String {
        points.enumerated().map { index, point in
            let (left, top) = place(point)
            return "\(index == 0 ? "M" : "L")\(HTML.pixel(left)) \(HTML.pixel(top))"
        }.joined()
    }

    private func horizontal(_ style: String, at height: Double) -> String {
        Self.line(style, (Self.left, height), (Self.right, height))
    }

    private static func line(_ style: String, _ from: (Double, Double), _ to: (Double, Double)) -> String {
        "<line class=\"\(style)\" x1=\"\(HTML.pixel(from.0))\" y1=\"\(HTML.pixel(from.1))\""
            + " x2=\"\(HTML.pixel(to.0))\" y2=\"\(HTML.pixel(to.1))\"/>"
    }

    private static func text(_ style: String, _ text: String, _ x: Double, _ y: Double, anchor: String) -> String {
        "<text class=\"\(style)\" x=\"\(HTML.pixel(x))\" y=\"\(HTML.pixel(y))\" text-anchor=\"\(anchor)\">"
            + "\(HTML.escaped(text))</text>"
    }

    private func format(_ value: Double) -> String {
        chart.isShare ? Quantity.fixed(value * 100, 1) + " %" : Quantity.short(value)
    }
}
