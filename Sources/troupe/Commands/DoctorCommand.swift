import ArgumentParser
import Foundation
import Tensor

/// `troupe doctor`: what this machine has and lacks.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Show what this machine offers: CPU, kernels, threads, memory, libraries, and what is missing.",
        discussion: """
            Exits with 69 when something that training needs is missing.

            Example:
              troupe doctor --json
            """)

    @Flag(name: .long, help: "Print the findings as one JSON object.")
    var json = false

    func run() async throws {
        try await reportingErrors {
            let findings = Doctor().findings()
            if json {
                try printJSON(Dictionary(uniqueKeysWithValues: findings.map { ($0.key, $0.value) }))
            } else {
                let width = findings.map(\.title.count).max() ?? 0
                for finding in findings {
                    let mark = finding.isMissing ? "MISSING" : "ok     "
                    print(
                        "\(mark)  \(finding.title.padding(toLength: width, withPad: " ", startingAt: 0))  \(finding.value)"
                    )
                }
            }
            if findings.contains(where: \.isMissing) { throw ExitCode(ExitStatus.unavailable.rawValue) }
        }
    }
}

/// Examines the machine.
struct Doctor {
    /// One thing looked at.
    struct Finding {
        let key: String
        let title: String
        let value: String
        let isMissing: Bool
    }

    /// CPU features that decide which kernels run, best last.
    private static let features = ["avx2", "fma", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16"]

    /// Everything looked at, in the order of a reader's interest.
    func findings() -> [Finding] {
        var findings: [Finding] = []
        func add(_ key: String, _ title: String, _ value: String, isMissing: Bool = false) {
            findings.append(Finding(key: key, title: title, value: value, isMissing: isMissing))
        }
        let cpu = cpuInformation()
        add("cpu", "CPU", cpu["model name"] ?? "unknown")
        let flags = Set((cpu["flags"] ?? "").split(separator: " ").map(String.init))
        add("cpu_features", "CPU features", Self.features.filter(flags.contains).joined(separator: " "))
        add("kernels", "kernels chosen", KernelVariant.current.name)
        add("threads", "threads", String(ProcessInfo.processInfo.activeProcessorCount))
        let gibibytes = Double(ProcessInfo.processInfo.physicalMemory) / 0x1p30
        add("memory_gib", "memory", String(format: "%.1f GiB", gibibytes))
        add("onednn", "oneDNN (default matmul)", OneDNNBackend().description)
        do {
            add("openblas", "OpenBLAS", try OpenBLASBackend().description)
        } catch {
            add("openblas", "OpenBLAS", "\(error); apt-get install libopenblas-dev", isMissing: true)
        }
        for (key, title, library) in [
            ("zeromq", "ZeroMQ", "libzmq.so"), ("msgpack", "MessagePack", "libmsgpackc.so"),
            ("sentencepiece", "SentencePiece", "libsentencepiece.so"), ("sodium", "libsodium", "libsodium.so"),
        ] {
            let path = loadedLibraries.first { $0.contains("/\(library)") }
            add(key, title, path ?? "not loaded", isMissing: path == nil)
        }
        for (key, title, tool, package) in [
            ("apt", "apt (debian-packages corpus)", "/usr/bin/apt-get", "apt"),
            ("spm_train", "spm_train (tests only)", "/usr/bin/spm_train", "sentencepiece"),
        ] {
            let found = FileManager.default.isExecutableFile(atPath: tool)
            add(key, title, found ? tool : "not found (package \(package)); optional")
        }
        return findings
    }

    /// The first processor's block of `/proc/cpuinfo`.
    private func cpuInformation() -> [String: String] {
        let text = contents(of: "/proc/cpuinfo")
        let lines = text.components(separatedBy: "\n\n")[0].split(separator: "\n")
        return lines.reduce(into: [:]) { values, line in
            let parts = line.split(separator: ":", maxSplits: 1)
            values[parts[0].trimmingCharacters(in: .whitespaces)] =
                parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
        }
    }

    /// A file of the kernel's, whole: it has no size to be known beforehand, so it is read until its end.
    private func contents(of path: String) -> String {
        guard let file = FileHandle(forReadingAtPath: path), let data = try? file.readToEnd() else { return "" }
        return String(decoding: data, as: UTF8.self)
    }

    /// Paths of the shared libraries in this process.
    private var loadedLibraries: [String] {
        let maps = contents(of: "/proc/self/maps")
        let paths = maps.split(separator: "\n").compactMap {
            $0.split(separator: " ", omittingEmptySubsequences: true).last
        }
        return Array(Set(paths.filter { $0.contains(".so") }.map(String.init))).sorted()
    }
}
