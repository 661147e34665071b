import Testing
import Wire

@Suite struct WireCodableTests {
    /// A message of every type that there is.
    private struct Everything: WireCodable, Equatable {
        enum Colour: String, WireEnum { case red, green }

        var flag: Bool
        var number: Int
        var unsigned: UInt64
        var real: Double
        var text: String
        var bytes: WireBytes
        var list: [[Int]]
        var optional: String?
        var colour: Colour
        var table: [String: [Double]]

        init(using generator: inout SeededGenerator) {
            flag = .random(using: &generator)
            number = Int(truncatingIfNeeded: generator.next()) >> Int.random(in: 0..<64, using: &generator)
            unsigned = generator.next() >> UInt64.random(in: 0..<64, using: &generator)
            real = Double(number) / 7
            let length = Int.random(in: 0..<300, using: &generator)
            text = String((0..<length).map { _ -> Character in "aé漢🦊\0".randomElement(using: &generator) ?? "a" })
            bytes = WireBytes((0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) })
            list = (0..<(length % 20)).map { Array(repeating: -$0, count: $0) }
            optional = flag ? text : nil
            colour = flag ? .red : .green
            table = Dictionary(
                uniqueKeysWithValues: (0..<(length % 40)).map { ("key \($0)", [Double($0), .infinity]) })
        }

        func encode(into writer: inout WireWriter) {
            writer.message(version: 3, fields: 10)
            writer.encode(flag)
            writer.encode(number)
            writer.encode(unsigned)
            writer.encode(real)
            writer.encode(text)
            writer.encode(bytes)
            writer.encode(list)
            writer.encode(optional)
            writer.encode(colour)
            writer.encode(table)
        }

        init(from reader: inout WireReader) throws(WireError) {
            var fields = try reader.message("everything", version: 3, fields: 10)
            flag = try fields.decode()
            number = try fields.decode()
            unsigned = try fields.decode()
            real = try fields.decode()
            text = try fields.decode()
            bytes = try fields.decode()
            list = try fields.decode()
            optional = try fields.decode()
            colour = try fields.decode()
            table = try fields.decode()
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func decodingGivesBackWhatWasEncoded(seed: UInt64) throws {
        var generator = SeededGenerator(seed)
        for _ in 0..<100 {
            let value = Everything(using: &generator)
            #expect(try Everything(decoding: value.encoded()) == value, "seed \(seed)")
        }
    }

    @Test func limitsOfNumbersSurvive() throws {
        for value in [Int.min, -129, -128, -33, -32, -1, 0, 127, 128, 65_536, Int.max] {
            #expect(try Int(decoding: value.encoded()) == value)
        }
        for value in [0, 255, 256, UInt64(UInt32.max) + 1, .max] {
            #expect(try UInt64(decoding: value.encoded()) == value)
        }
        for value in [0.0, -0.0, .pi, .infinity, .leastNonzeroMagnitude, .greatestFiniteMagnitude] {
            #expect(try Double(decoding: value.encoded()).bitPattern == value.bitPattern)
        }
        #expect(try Double(decoding: Double.nan.encoded()).isNaN)
    }

    @Test(arguments: [4, 5, 6] as [UInt64])
    func changedBytesDecodeOrThrowButNeverTrap(seed: UInt64) {
        var generator = SeededGenerator(seed)
        let valid = Everything(using: &generator).encoded()
        var refused = 0
        for _ in 0..<3000 {
            var bytes = valid
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let index = Int.random(in: bytes.indices, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.remove(at: index)
                default: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: index)
                }
            }
            do { _ = try Everything(decoding: bytes) } catch { refused += 1 }
        }
        #expect(refused > 0, "seed \(seed)")
    }

    @Test(arguments: [7, 8] as [UInt64])
    func randomBytesThrowButNeverTrap(seed: UInt64) {
        var generator = SeededGenerator(seed)
        for _ in 0..<20_000 {
            let count = Int.random(in: 0..<40, using: &generator)
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            #expect(throws: WireError.self, "seed \(seed), \(bytes)") { try Everything(decoding: bytes) }
        }
    }

    @Test func announcedLengthsAreCheckedAgainstTheBytesThatAreThere() {
        let liars = [
            "dd ff ff ff ff", "df ff ff ff ff", "df 80 00 00 00 01", "db ff ff ff ff 61", "c6 ff ff ff ff 00",
            "dd 00 10 00 00 01 02 03", "91 91 dc ff ff",
        ]
        for liar in liars {
            let error = #expect(throws: WireError.self, "\(liar)") { try [Int](decoding: bytes(liar)) }
            #expect(error?.code == .malformed)
        }
    }

    @Test func depthIsLimited() {
        let deep = [UInt8](repeating: 0x91, count: 100_000) + [0]
        let error = #expect(throws: WireError.self) { try [Int](decoding: deep) }
        #expect(error?.code == .tooLarge)
    }

    @Test func sizeIsLimited() {
        let error = #expect(throws: WireError.self) {
            try WireBytes(decoding: [UInt8](repeating: 0, count: WireLimits.controlBytes + 1))
        }
        #expect(error?.code == .tooLarge)
    }

    @Test func faultsAreNamed() {
        func code(_ hex: String, _ body: ([UInt8]) throws -> Void) -> WireError.Code? {
            do { try body(bytes(hex)) } catch { return (error as? WireError)?.code }
            return nil
        }
        #expect(code("01 02") { _ = try Int(decoding: $0) } == .trailingBytes)
        #expect(code("a1 61") { _ = try Int(decoding: $0) } == .typeMismatch)
        #expect(code("01") { _ = try Bool(decoding: $0) } == .typeMismatch)
        #expect(code("ff") { _ = try UInt64(decoding: $0) } == .outOfRange)
        #expect(code("cf ff ff ff ff ff ff ff ff") { _ = try Int(decoding: $0) } == .outOfRange)
        #expect(code("a1 ff") { _ = try String(decoding: $0) } == .malformed)
        #expect(code("d4 01 02") { _ = try Int(decoding: $0) } == .malformed)
        #expect(code("c1") { _ = try Int(decoding: $0) } == .malformed)
        #expect(code("82 a1 61 01 a1 61 02") { _ = try [String: Int](decoding: $0) } == .malformed)
        #expect(code("92 04 01") { _ = try Everything(decoding: $0) } == .unsupportedVersion)
        #expect(code("92 03 01") { _ = try Everything(decoding: $0) } == .fieldCount)
    }

    @Test func equalMapsHaveEqualBytes() {
        let keys = (0..<50).map { "key \($0)" }
        let forward = Dictionary(uniqueKeysWithValues: keys.map { ($0, 1) })
        let backward = Dictionary(uniqueKeysWithValues: keys.reversed().map { ($0, 1) })
        #expect(forward.encoded() == backward.encoded())
    }
}
