import Glibc

/// Maps a range of numbers to a range of pixels, with ticks at round numbers.
struct ChartScale: Sendable {
    /// The numbers at the two ends.
    let domain: ClosedRange<Double>
    /// Round numbers inside the domain, 1, 2 or 5 times a power of ten apart.
    let ticks: [Double]
    /// The distance between ticks.
    let spacing: Double

    private let start: Double
    private let end: Double

    /// A scale over `values`, from pixel `start` to pixel `end`.
    ///
    /// - Parameters:
    ///   - tickCount: about how many ticks are wanted.
    ///   - isRounded: whether the domain is widened to the next ticks.
    init(_ values: ClosedRange<Double>, from start: Double, to end: Double, tickCount: Int, isRounded: Bool) {
        var (low, high) = (values.lowerBound, values.upperBound)
        if high - low <= 1e-12 * max(abs(low), abs(high)) || high == low {
            // One value only: a little room around it.
            let room = high == 0 ? 1 : abs(high) * 0.05
            (low, high) = (low - room, high + room)
        }
        spacing = Self.roundSpacing((high - low) / Double(max(tickCount, 1)))
        let (first, last): (Double, Double)
        if isRounded {
            (first, last) = ((low / spacing).rounded(.down), (high / spacing).rounded(.up))
            domain = (first * spacing)...(last * spacing)
        } else {
            (first, last) = ((low / spacing).rounded(.up), (high / spacing).rounded(.down))
            domain = low...high
        }
        let step = spacing
        ticks = last >= first ? (0...Int(last - first)).map { (first + Double($0)) * step } : []
        self.start = start
        self.end = end
    }

    /// The pixel of a number.
    func callAsFunction(_ value: Double) -> Double {
        start + (value - domain.lowerBound) / (domain.upperBound - domain.lowerBound) * (end - start)
    }

    /// A tick as text, with as many digits as tell neighbours apart.
    func label(_ tick: Double, isShare: Bool = false) -> String {
        if isShare { return Quantity.fixed(tick * 100, spacing < 0.01 ? 1 : 0) + " %" }
        if abs(tick) < spacing / 2 { return "0" }
        let largest = max(abs(domain.lowerBound), abs(domain.upperBound))
        if largest >= 1e3 {
            let (unit, suffix) = largest >= 1e9 ? (1e9, "G") : largest >= 1e6 ? (1e6, "M") : (1e3, "k")
            return Quantity.fixed(tick / unit, Self.digits(spacing / unit)) + suffix
        }
        if largest < 1e-3 {
            let exponent = Int(log10(largest).rounded(.down))
            let scale = pow(10, Double(exponent))
            return Quantity.fixed(tick / scale, Self.digits(spacing / scale)) + "e\(exponent)"
        }
        return Quantity.fixed(tick, Self.digits(spacing))
    }

    private static func digits(_ spacing: Double) -> Int {
        max(0, -Int((log10(spacing) + 1e-9).rounded(.down)))
    }

    private static func roundSpacing(_ rough: Double) -> Double {
        let power = pow(10, log10(rough).rounded(.down))
        let fraction = rough / power
        return (fraction <= 1 ? 1 : fraction <= 2 ? 2 : fraction <= 5 ? 5 : 10) * power
    }
}
