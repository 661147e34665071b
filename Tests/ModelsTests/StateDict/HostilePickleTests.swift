import Foundation
import Models
import Testing

struct HostilePickleTests {
    /// The errors with which both forms of a file with this dict end.
    private func failures(_ body: [UInt8]) throws -> [ModelsError?] {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/pytorch_model.bin"
            return try [HostileFile.archive(body), HostileFile.legacy(body)].map { bytes in
                try CheckpointFixtures.write(bytes, to: path)
                return CheckpointFixtures.failure(path)
            }
        }
    }

    private func expectRefusal(_ body: [UInt8], _ words: String, _ what: String = "") throws {
        for error in try failures(body) {
            #expect(error?.code == .malformedFile && error?.message.contains(words) == true, "\(what) \(error as Any)")
            #expect(error?.description.contains("\n") == false && (error?.description.count ?? 0) < 600)
        }
    }

    @Test func theHarmlessFileOpens() throws {
        let body = HostileFile.dictionary([("w", HostileFile.tensor())])
        #expect(try failures(body) == [nil, nil])
    }

    @Test(arguments: [
        ("os", "system"), ("posix", "system"), ("builtins", "eval"), ("__builtin__", "getattr"), ("torch", "load"),
        ("torch.jit", "load"), ("collections", "defaultdict"), ("torch._utils", "_rebuild_tensor_v3"), ("", ""),
    ])
    func otherGlobalsAreRefusedByName(module: String, name: String) throws {
        let call =
            HostileFile.global(module, name) + HostileFile.tuple(HostileFile.text("echo owned")) + Array("R".utf8)
        try expectRefusal(call, "'\(module).\(name)'")
        try expectRefusal(HostileFile.dictionary([("w", call)]), "refused")
    }

    @Test func opcodesThatBuildObjectsAreRefusedByName() throws {
        let allowed = Set("NJKMGXc}])t(qrhjsuaeQRb.".utf8.map { $0 } + [0x80, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A])
        for opcode in UInt8.min...UInt8.max where !allowed.contains(opcode) {
            let name = opcode > 0x20 && opcode < 0x7F ? "'\(UnicodeScalar(opcode))'" : String(opcode, radix: 16)
            try expectRefusal(Array("NN".utf8) + [opcode], "opcode", "\(opcode)")
            try expectRefusal(Array("NN".utf8) + [opcode], name, "\(opcode)")
        }
    }

    @Test(arguments: [
        (offset: 1, shape: [4], strides: [1]), (offset: -1, shape: [4], strides: [1]),
        (offset: .max, shape: [1], strides: [1]), (offset: 0, shape: [5], strides: [1]),
        (offset: 0, shape: [-1], strides: [1]), (offset: 3, shape: [4], strides: [-1]),
        (offset: 0, shape: [2, 2], strides: [3, 1]), (offset: 0, shape: [2], strides: [.max]),
        (offset: 0, shape: [.max], strides: [1]), (offset: 0, shape: [1 << 62, 4], strides: [4, 1]),
        (offset: 0, shape: [1 << 32, 1 << 32], strides: [0, 0]), (offset: 0, shape: [8], strides: [0]),
        (offset: 0, shape: [3, 3], strides: [.max / 2, .max / 2]), (offset: 5, shape: [0], strides: [1]),
    ])
    func viewsOutsideOfTheirStorageAreRefused(offset: Int, shape: [Int], strides: [Int]) throws {
        let tensor = HostileFile.tensor(offset: offset, shape: shape, strides: strides)
        try expectRefusal(HostileFile.dictionary([("w", tensor)]), "does not fit a storage of 4 elements")
    }

    @Test func sizesBeyond64BitsAreRefused() throws {
        let huge: [UInt8] = [0x8A, 9, 0, 0, 0, 0, 0, 0, 0, 0x80, 0]  // 2^63
        let one = HostileFile.integer(1)
        let good = HostileFile.tensor(shape: [1], strides: [1])
        for index in 0...1 {  // the shape and the strides
            let old = HostileFile.tuple(one)
            var places: [Int] = []
            for start in good.indices where good[start...].starts(with: old) { places.append(start) }
            let place = places[index]
            let bad = Array(good[..<place]) + HostileFile.tuple(huge) + Array(good[(place + old.count)...])
            try expectRefusal(HostileFile.dictionary([("w", bad)]), "_rebuild_tensor_v2")
        }
    }

    @Test(arguments: [0, 3, 5, -1, .max, 1 << 62])
    func aStorageOfAnotherSizeIsRefused(count: Int) throws {
        let tensor = HostileFile.tensor(count: count, shape: [1], strides: [1])
        try expectRefusal(HostileFile.dictionary([("w", tensor)]), "elements")
    }

    @Test func deepAndCircularValuesCostNoStack() throws {
        let deep = 500_000
        try expectRefusal(Array("N".utf8) + [UInt8](repeating: 0x85, count: deep), "expected a dict")
        try expectRefusal([UInt8](repeating: UInt8(ascii: "("), count: deep), "instead of one")
        try expectRefusal([UInt8](repeating: UInt8(ascii: "]"), count: deep), "instead of one")
        // d = {}; d["d"] = d
        try expectRefusal(
            Array("}q\u{0}".utf8) + HostileFile.text("d") + Array("h\u{0}s".utf8), "'d': expected a tensor, got a dict")
        // l = []; l.append(l)
        try expectRefusal(Array("]q\u{0}h\u{0}a".utf8), "expected a dict of tensors, got a list")
    }

    @Test func aSmallPickleCannotAskForMuchMemory() throws {
        try expectRefusal([UInt8](repeating: UInt8(ascii: "N"), count: 3 << 20), "opcodes")
        try expectRefusal(HostileFile.ascii("X") + HostileFile.little(UInt32.max), "a text of")
        // One long shape, used again and again.
        let axes =
            HostileFile.ascii("(") + [UInt8](repeating: UInt8(ascii: "N"), count: 1000) + HostileFile.ascii("tq\u{0}")
        let id = HostileFile.tuple(
            HostileFile.text("storage"), HostileFile.global("torch", "FloatStorage"), HostileFile.text("0"),
            HostileFile.text("cpu"), HostileFile.integer(4))
        let call =
            HostileFile.global("torch._utils", "_rebuild_tensor_v2")
            + HostileFile.tuple(
                id + HostileFile.ascii("Q"), HostileFile.integer(0), HostileFile.ascii("h\u{0}"),
                HostileFile.ascii("h\u{0}"))
            + HostileFile.ascii("R")
        try expectRefusal(axes + call, "_rebuild_tensor_v2")
    }

    @Test(arguments: [
        "t", "u", "e", "s", "a", "R", "Q", "b", "q\u{0}", "h\u{7}", "\u{85}", "}}b}s", "NNs", "N(u", "N(Nu", "]N}su",
        "NQ", ")Q", "NNR", "N)R", "(N(h", "}N", "",
    ])
    func programsThatMakeNoSenseAreRefused(program: String) throws {
        let body = program.unicodeScalars.map { UInt8($0.value) }
        for error in try failures(body) { #expect(error?.code == .malformedFile, "\(error as Any)") }
    }

    @Test func whatIsNoStateDictIsNamed() throws {
        let tensor = HostileFile.tensor()
        try expectRefusal(tensor, "expected a dict of tensors, got a tensor")
        try expectRefusal(HostileFile.dictionary([("epoch", Array("K\u{3}".utf8))]), "'epoch': expected a tensor")
        try expectRefusal(Array("}N".utf8) + tensor + Array("s".utf8), "expected names as keys, got None")
        try expectRefusal(HostileFile.dictionary([("w", tensor), ("w", tensor)]), "two tensors are called 'w'")
        // An error stays one line, whatever a name holds.
        try expectRefusal(HostileFile.dictionary([("a\nb\u{1B}[2J", Array("N".utf8))]), "a\\nb\\u{1B}[2J")
    }
}
