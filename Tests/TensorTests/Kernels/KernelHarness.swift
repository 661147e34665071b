import CKernels
import Synchronization
import Tensor
import Testing

/// Runs kernels in every variant that this machine has, and compares them with plain double arithmetic.
enum KernelHarness {
    /// Around the vector width, below it, and well above.
    static let sizes = [0, 1, 3, 15, 16, 17, 33, 63, 1000]

    private static let turn = Mutex(())
    private static let sentinel: Float = 1234.5

    static var variants: [troupe_kernels] {
        (0..<UInt32(TROUPE_KERNELS_VARIANTS)).map { troupe_kernels(rawValue: $0) }.filter(troupe_kernels_supported)
    }

    /// Calls `body` once per variant, with its name, while that variant is in force.
    static func forEachVariant(_ body: (String) -> Void) {
        turn.withLock { _ in
            let before = troupe_kernels_variant()
            for variant in variants {
                #expect(troupe_kernels_force(variant))
                body(unsafe String(cString: troupe_kernels_name(variant)))
            }
            #expect(troupe_kernels_force(before))
        }
    }

    /// Expects that every variant's result is within `absolute` + `relative` * |expected| of `expected`, and that all
    /// variants give the same bits.
    static func expect(
        _ what: String, _ expected: [Double], absolute: Double = 1e-6, relative: Double = 1e-6,
        location: SourceLocation = #_sourceLocation, _ run: () -> [Float]
    ) {
        var first: [UInt32]?
        forEachVariant { variant in
            let result = run()
            #expect(result.count == expected.count, "\(what), \(variant): count", sourceLocation: location)
            let wrong = zip(result, expected).enumerated().first { _, pair in
                if pair.1.isNaN { return !pair.0.isNaN }
                if pair.1.isInfinite { return Double(pair.0) != pair.1 }
                return !(abs(Double(pair.0) - pair.1) <= absolute + relative * abs(pair.1))
            }
            if let (index, (got, want)) = wrong {
                Issue.record(
                    "\(what), \(variant): element \(index) is \(got), expected \(want)", sourceLocation: location)
            }
            // Which NaN a NaN is, is left open.
            let bits = result.map { $0.isNaN ? Float.nan.bitPattern : $0.bitPattern }
            if let first { #expect(bits == first, "\(what): bits of \(variant)", sourceLocation: location) }
            first = first ?? bits
        }
    }

    /// What `body` makes of an array that begins as `initial`; also checks that nothing behind it was written.
    static func output(
        _ initial: [Float], location: SourceLocation = #_sourceLocation,
        _ body: (UnsafeMutablePointer<Float>) -> Void
    ) -> [Float] {
        var storage = initial + [Float](repeating: sentinel, count: 20)
        unsafe storage.withUnsafeMutableBufferPointer { buffer in
            if let start = buffer.baseAddress { unsafe body(start) }
        }
        #expect(
            storage.suffix(20).allSatisfy { $0 == sentinel }, "wrote behind \(initial.count) elements",
            sourceLocation: location)
        return Array(storage.prefix(initial.count))
    }

    /// As above for an output of `count` elements that is only written.
    static func output(
        count: Int, location: SourceLocation = #_sourceLocation, _ body: (UnsafeMutablePointer<Float>) -> Void
    ) -> [Float] {
        unsafe output([Float](repeating: .nan, count: count), location: location, body)
    }

    /// `count` normal numbers of a seeded stream, times `scale`.
    static func normal(_ count: Int, seed: UInt64, scale: Double = 1) -> [Float] {
        var generator = PhiloxGenerator(key: RandomKey(seed: seed))
        return (0..<count).map { _ in Float(scale * generator.nextNormal()) }
    }
}

extension [Float] {
    /// The same numbers in double.
    var wide: [Double] { map(Double.init) }
}
