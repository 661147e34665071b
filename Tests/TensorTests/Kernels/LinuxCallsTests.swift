import CLinux
import Glibc
import Testing

@Suite struct LinuxCallsTests {
    @Test func anEventIsReadableFromItsSignalToItsDrain() {
        let descriptor = troupe_eventfd_create()
        #expect(descriptor >= 0)
        defer { close(descriptor) }
        func isReadable() -> Bool {
            var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            return unsafe poll(&poller, 1, 0) == 1
        }
        #expect(!isReadable())
        #expect(troupe_eventfd_drain(descriptor) == 0, "draining an idle event")
        for _ in 0..<3 { #expect(troupe_eventfd_signal(descriptor) == 0) }
        #expect(isReadable())
        #expect(troupe_eventfd_drain(descriptor) == 0)
        #expect(!isReadable())
        #expect(troupe_eventfd_signal(-1) == EBADF)
    }

    @Test func memoryUseIsReportedAndGrows() {
        var (before, after, peak): (UInt64, UInt64, UInt64) = (0, 0, 0)
        #expect(unsafe troupe_process_memory(&before, &peak) == 0)
        let size = 64 << 20
        let block = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: troupe_page_size())
        unsafe memset(block, 1, size)
        #expect(unsafe troupe_advise_huge_pages(block, size) == 0)
        #expect(unsafe troupe_process_memory(&after, &peak) == 0)
        unsafe block.deallocate()
        // Other tests free and allocate meanwhile, so only the order of magnitude is certain.
        #expect(before > 0 && after > 32 << 20 && peak >= after, "\(before), \(after), \(peak)")
    }

    @Test func theParentDeathSignalIsAccepted() async {
        await #expect(processExitsWith: .success) {
            precondition(troupe_set_parent_death_signal(SIGKILL) == 0)
            precondition(troupe_set_parent_death_signal(9999) == EINVAL)
        }
    }
}
