import Dispatch
import Foundation

/// Delivers termination signals to a closure instead of ending the process.
struct SignalTrap {
    private let sources: [any DispatchSourceSignal]

    /// Routes SIGTERM and SIGINT to `handler` for as long as the trap lives.
    init(_ handler: @escaping @Sendable (Int32) -> Void) {
        sources = [SIGTERM, SIGINT].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { handler(number) }
            source.resume()
            return source
        }
    }

    /// Ends the trap; further signals are ignored.
    func cancel() {
        for source in sources { source.cancel() }
    }
}
