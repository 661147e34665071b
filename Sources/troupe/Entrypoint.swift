import ArgumentParser

@main
struct Troupe: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "troupe", abstract: "Train encoders on a cluster of processes.")
}
