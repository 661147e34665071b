import Foundation

/// What this process has needed of the machine's memory.
enum PeakMemory {
    /// The largest resident size so far in MiB (`VmHWM` of `/proc/self/status`); nil where there is no such file.
    static var mebibytes: Double? {
        guard let file = FileHandle(forReadingAtPath: "/proc/self/status"), let data = try? file.readToEnd() else {
            return nil
        }
        let line = String(decoding: data, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        let kibibytes = line?.split(whereSeparator: { " \t".contains($0) }).dropFirst().first
        return kibibytes.flatMap { Double($0) }.map { $0 / 1024 }
    }
}
