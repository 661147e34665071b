/// How one worker process takes part in a cluster; what it trains comes from the coordinator.
package struct WorkerConfiguration: Sendable {
    /// Endpoint of the coordinator's control plane, e.g. `tcp://head:5555`.
    package var coordinator: String
    /// Endpoint where the other ranks reach this process's data plane.
    package var dataEndpoint: String
    /// The rank this process asks for, if the scheduler gave it one.
    package var requestedRank: Int?
    /// Compute threads; nil takes the run file's number, or all cores if that is 0.
    package var threads: Int?
    /// Binds compute threads to CPUs from this one on, of those the process may use; nil leaves them to the system.
    package var firstCPU: Int?
    /// How long to wait for the coordinator and for the other workers to appear.
    package var rendezvousTimeout: Duration

    package init(
        coordinator: String, dataEndpoint: String, requestedRank: Int?, threads: Int?, firstCPU: Int? = nil,
        rendezvousTimeout: Duration
    ) {
        self.coordinator = coordinator
        self.dataEndpoint = dataEndpoint
        self.requestedRank = requestedRank
        self.threads = threads
        self.firstCPU = firstCPU
        self.rendezvousTimeout = rendezvousTimeout
    }
}
