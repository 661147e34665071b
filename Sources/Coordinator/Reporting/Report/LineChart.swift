/// A line chart over optimizer steps.
struct LineChart: Sendable {
    /// One measured number at one step.
    struct Point: Sendable, Equatable {
        let x: Double
        let y: Double
    }

    /// A line of points.
    struct Series: Sendable {
        /// How a series looks; the page's style sheet gives each its colour.
        enum Style: String, Sendable {
            case training
            case heldOut = "heldout"
        }

        let label: String
        let style: Style
        /// Whether the line is drawn smoothed, with the measured points pale behind it.
        var isSmoothed = false
        let points: [Point]
    }

    /// A horizontal line to compare with.
    struct Level: Sendable {
        let label: String
        let value: Double

        init(_ label: String, _ value: Double) {
            self.label = label
            self.value = value
        }
    }

    let title: String
    let unit: String
    var series: [Series]
    var levels: [Level] = []
    /// Whether values are shares of one and shown in per cent.
    var isShare = false
    /// Whether the vertical axis begins at zero even if all values are far from it.
    var startsAtZero = false

    /// The most points a line is drawn with: more cannot be told apart, and pages stay small.
    static let pointLimit = 400

    /// Points in at most `limit` bins of equal count, each the mean of its bin; unchanged when there are few enough.
    static func thinned(_ points: [Point], limit: Int = pointLimit) -> [Point] {
        guard points.count > limit else { return points }
        return (0..<limit).map { bin in
            let range = (bin * points.count / limit)..<((bin + 1) * points.count / limit)
            let sum = points[range].reduce((x: 0.0, y: 0.0)) { ($0.x + $1.x, $0.y + $1.y) }
            return Point(x: sum.x / Double(range.count), y: sum.y / Double(range.count))
        }
    }

    /// An exponential moving average run forward and backward, so that the line does not lag behind the points; its
    /// reach is about a twentieth of the series.
    static func smoothed(_ points: [Point]) -> [Point] {
        guard points.count > 4 else { return points }
        let weight = min(1, max(2 / (Double(points.count) / 20 + 1), 0.02))
        var values = points.map(\.y)
        for _ in 0..<2 {
            for index in values.indices.dropFirst() {
                values[index] = values[index - 1] + weight * (values[index] - values[index - 1])
            }
            values.reverse()
        }
        return zip(points, values).map { Point(x: $0.x, y: $1) }
    }

    /// The point of a series that is closest to a step, if one lies within the distance.
    static func nearest(to step: Double, in points: [Point], within distance: Double) -> Point? {
        guard let best = points.min(by: { abs($0.x - step) < abs($1.x - step) }) else { return nil }
        return abs(best.x - step) <= distance ? best : nil
    }
}
