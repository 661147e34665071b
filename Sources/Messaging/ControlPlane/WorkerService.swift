/// What the coordinator may ask of a worker. Called concurrently, on the cooperative pool; must return promptly and not
/// block: `start` begins the work, it does not do it.
package protocol WorkerService: Sendable {
    /// Take this rank and begin.
    func start(_ plan: RunPlan) async throws
    /// Finish the step, checkpoint, and end with status `stopped`.
    func requestStop() async throws
    /// End now, with an error.
    func abort(_ reason: String) async throws
}
