import CKernels
import Testing

/// The element types that kernels of typed arrays are tested with.
enum KernelElement: String, CaseIterable, Sendable {
    case float32
    case bfloat16

    /// The kernels' name for it.
    var code: tk_type { self == .float32 ? TK_FLOAT32 : TK_BFLOAT16 }

    /// What storing a result in this type adds to its relative error. The eight significant bits of a bfloat16 lie
    /// 2^-7 apart relative to the lower end of their binade, so rounding moves by up to 2^-8; the rest covers that the
    /// rounded number was itself off. Results in float32 are as they were computed.
    var rounding: Double { self == .float32 ? 0 : 0x1.01p-8 }

    /// The nearest number that the type has, ties to even.
    func rounded(_ x: Float) -> Float {
        if self == .float32 || x.isNaN { return x }
        let (low, odd) = (x.bitPattern & 0xffff, x.bitPattern & 0x1_0000 != 0)
        let up = low > 0x8000 || (low == 0x8000 && odd)
        return Float(bitPattern: (x.bitPattern & 0xffff_0000) &+ (up ? 0x1_0000 : 0))
    }

    func rounded(_ x: [Float]) -> [Float] { x.map { rounded($0) } }
}

extension KernelHarness {
    /// What `body` makes of arrays of the given type that begin as `initial`; also checks that nothing behind them was
    /// written. Numbers are rounded to the type first.
    static func arrays(
        _ type: KernelElement, _ initial: [[Float]], location: SourceLocation = #_sourceLocation,
        _ body: ([UnsafeMutableRawPointer]) -> Void
    ) -> [[Float]] {
        let guardCount = 20
        let sentinel: Float = 1232
        let addresses = unsafe initial.map { values in
            let address = UnsafeMutableRawPointer.allocate(byteCount: 4 * (values.count + guardCount), alignment: 64)
            for (i, value) in (values + [Float](repeating: sentinel, count: guardCount)).enumerated() {
                switch type {
                case .float32: unsafe address.storeBytes(of: value, toByteOffset: 4 * i, as: Float.self)
                case .bfloat16:
                    let half = UInt16(type.rounded(value).bitPattern >> 16)
                    unsafe address.storeBytes(of: half, toByteOffset: 2 * i, as: UInt16.self)
                }
            }
            return unsafe address
        }
        unsafe body(addresses)
        return unsafe zip(addresses, initial).map { address, values in
            let all = (0..<values.count + guardCount).map { i in
                switch type {
                case .float32: unsafe address.load(fromByteOffset: 4 * i, as: Float.self)
                case .bfloat16:
                    unsafe Float(bitPattern: UInt32(address.load(fromByteOffset: 2 * i, as: UInt16.self)) << 16)
                }
            }
            unsafe address.deallocate()
            #expect(
                all.suffix(guardCount).allSatisfy { $0 == sentinel }, "wrote behind \(values.count) elements",
                sourceLocation: location)
            return Array(all.prefix(values.count))
        }
    }

    /// An array of `count` elements that is only written.
    static func blank(_ count: Int) -> [Float] { [Float](repeating: .nan, count: count) }

    /// `count` normal numbers of a seeded stream, times `scale`, that both element types have.
    static func coarse(_ count: Int, seed: UInt64, scale: Double = 1) -> [Float] {
        KernelElement.bfloat16.rounded(normal(count, seed: seed, scale: scale))
    }
}
