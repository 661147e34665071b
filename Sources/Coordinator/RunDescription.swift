package import Algorithms

/// What a coordinator is to run, checked and resolved.
package struct RunDescription: Sendable {
    package var configuration: RunConfiguration
    /// The whole configuration as YAML; what workers receive and `config.yaml` holds.
    package var resolvedConfiguration: String
    /// The step of the checkpoint to continue from; nil starts anew.
    package var resumeStep: Int?
    package var worldSize: Int
    /// The folder of the run, absolute, so that workers of this machine find it from anywhere.
    package var runDirectory: String

    package init(
        configuration: RunConfiguration, resumeStep: Int?, worldSize: Int, runDirectory: String
    ) {
        self.configuration = configuration
        resolvedConfiguration = configuration.resolvedYAML()
        self.resumeStep = resumeStep
        self.worldSize = worldSize
        self.runDirectory = runDirectory
    }
}
