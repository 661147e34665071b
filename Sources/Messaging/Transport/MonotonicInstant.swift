private import Glibc

/// A point on the system's monotonic clock.
package struct MonotonicInstant: Sendable, Comparable {
    /// Nanoseconds since an arbitrary origin.
    package let nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// The present.
    package static func now() -> MonotonicInstant {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicInstant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    /// The point that lies `duration` later.
    package func advanced(by duration: Duration) -> MonotonicInstant {
        let parts = duration.components
        return MonotonicInstant(
            nanoseconds: nanoseconds + parts.seconds * 1_000_000_000 + parts.attoseconds / 1_000_000_000)
    }

    /// Seconds from `earlier` to here.
    package func seconds(since earlier: MonotonicInstant) -> Double {
        Double(nanoseconds - earlier.nanoseconds) / 1e9
    }

    package static func < (left: MonotonicInstant, right: MonotonicInstant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }
}
