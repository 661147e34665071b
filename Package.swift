// swift-tools-version: 6.2
import PackageDescription

/// The same settings for every Swift target; warnings are errors.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

/// C targets: optimized in debug builds too, and no fused operations unless a kernel asks for them.
let optimizedC: [CSetting] = [.unsafeFlags(["-O3", "-ffp-contract=off", "-Wall", "-Wextra", "-Werror"])]

func room(_ name: String, path: String? = nil, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, path: path, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil) -> Target {
    .testTarget(
        name: name, dependencies: dependencies + ["TestSupport"], resources: resources, swiftSettings: strict)
}

let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "troupe",
    products: [.executable(name: "troupe", targets: ["troupe"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // Level 0: C targets and system libraries.
        .target(name: "CKernels", path: "Sources/Native/CKernels", cSettings: optimizedC),
        .target(name: "CProducts", path: "Sources/Native/CProducts", cSettings: optimizedC),
        .target(name: "CLinux", path: "Sources/Native/CLinux", cSettings: optimizedC),
        .target(name: "CChecksum", path: "Sources/Native/CChecksum", cSettings: optimizedC),
        .target(name: "COpenBLAS", path: "Sources/Native/COpenBLAS", cSettings: optimizedC),
        .target(
            name: "CSentencePiece", path: "Sources/Native/CSentencePiece",
            linkerSettings: [.linkedLibrary("sentencepiece"), .linkedLibrary("sentencepiece_train")]),
        .target(
            name: "COneDNN", path: "Sources/Native/COneDNN", cSettings: optimizedC,
            linkerSettings: [.linkedLibrary("dnnl")]),
        .systemLibrary(name: "CZeroMQ", path: "Sources/Native/CZeroMQ"),
        .systemLibrary(name: "CMsgPack", path: "Sources/Native/CMsgPack"),
        .systemLibrary(name: "CSodium", path: "Sources/Native/CSodium"),

        // Level 1
        room("Wire", path: "Sources/Messaging/Wire", ["CMsgPack", "CChecksum"]),
        room("Tensor", ["CKernels", "CProducts", "COneDNN", "COpenBLAS", "CLinux"]),

        // Level 2
        room("Transport", path: "Sources/Messaging/Transport", ["Wire", "CZeroMQ", "CLinux", logging]),
        room("Text", ["CSentencePiece", "CSodium"]),

        // Level 3
        room("Collective", ["Transport", "Wire", "Tensor"]),
        room("ControlPlane", path: "Sources/Messaging/ControlPlane", ["Transport", "Wire", logging]),
        room("Models", ["Tensor", "CChecksum"]),

        // Level 4
        room("Algorithms", ["Models", "Text", "Tensor", "CSodium", yams]),

        // Level 5
        room("Worker", ["Algorithms", "Models", "Text", "Tensor", "Collective", "ControlPlane", logging]),
        room("Coordinator", ["Algorithms", "Tensor", "Collective", "ControlPlane", "CChecksum", logging]),

        // Level 6
        .executableTarget(
            name: "troupe",
            dependencies: [
                "Worker", "Coordinator", "Algorithms", "Models", "Text", "Tensor", "Collective", "ControlPlane",
                "Transport", "Wire", "CLinux", argumentParser, logging,
            ],
            swiftSettings: strict),

        .target(name: "TestSupport", dependencies: ["Transport"], path: "Tests/TestSupport", swiftSettings: strict),
        tests("TensorTests", ["Tensor", "CKernels"]),
        tests("TextTests", ["Text"], resources: [.copy("Fixtures")]),
        tests("WireTests", ["Wire", "CChecksum"]),
        tests("TransportTests", ["Transport", "Wire"]),
        tests("ControlPlaneTests", ["ControlPlane", "Transport", "Wire"]),
        tests("CollectiveTests", ["Collective", "Transport", "Wire", "Tensor"]),
        tests("ModelsTests", ["Models", "Tensor"], resources: [.copy("Fixtures")]),
        tests(
            "AlgorithmsTests", ["Algorithms", "Models", "Text", "Tensor"], resources: [.copy("Fixtures")]),
        tests(
            "WorkerTests",
            ["Worker", "Algorithms", "Models", "Text", "Tensor", "Collective", "ControlPlane", "Transport"]),
        tests("CoordinatorTests", ["Coordinator", "Algorithms", "ControlPlane", "Transport"]),
        tests("ClusterTests", ["Algorithms", "Models", "Text", "Tensor"]),
    ]
)
