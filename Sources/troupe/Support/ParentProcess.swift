import CLinux
import Foundation

/// Ties this process to the one that started it.
enum ParentProcess {
    /// Asks for SIGTERM when the process `parent` ends, so that no part of a local cluster outlives its launcher; ends
    /// at once if it is gone already.
    static func follow(_ parent: Int32) {
        _ = troupe_set_parent_death_signal(SIGTERM)
        if getppid() != parent { exit(ExitStatus.unavailable.rawValue) }
    }
}
