import Tensor

/// A model as a tree of named modules with the shapes of their parameters and the counts of the numbers in them.
package struct ModelSummary: Sendable, Hashable {
    /// A module, or a parameter if it has a shape.
    package struct Node: Sendable, Hashable {
        /// The last part of the name in the state dict.
        package let name: String
        /// Numbers in this parameter, or in all parameters below this module.
        package fileprivate(set) var count = 0
        /// Nil for a module.
        package fileprivate(set) var shape: [Int]?
        /// Of a layer normalisation.
        package fileprivate(set) var epsilon: Double?
        /// Of a dropout.
        package fileprivate(set) var dropoutRate: Double?
        /// In the order of the computation.
        package fileprivate(set) var children: [Node] = []
    }

    /// The family and sizes.
    package let configuration: ModelConfiguration
    /// The whole model.
    package let root: Node

    /// What stands on top.
    package let head: ModelHead

    /// Summarises the model of `configuration` with `head`.
    package init(_ configuration: ModelConfiguration, head: ModelHead = .pretraining) {
        self.configuration = configuration
        self.head = head
        var root = Node(name: configuration.architecture(head: head))
        for entry in configuration.parameterEntries(head: head) {
            let epsilon = configuration.encoder.layerNormEpsilon
            Self.visit(entry.name.split(separator: ".")[...], from: &root) { node, isParameter in
                node.count += entry.shape.count
                if isParameter { node.shape = entry.shape.dimensions }
                if ModelConfiguration.isNorm(node.name) { node.epsilon = epsilon }
            }
        }
        for site in configuration.dropoutSites(head: head) {
            Self.visit(site.name.split(separator: ".")[...], from: &root) { node, isSite in
                if isSite { node.dropoutRate = site.rate }
            }
        }
        self.root = root
    }

    /// Calls `body` with `node` and with the nodes below it along `path`, made where they are new; the last one is told.
    private static func visit(
        _ path: ArraySlice<Substring>, from node: inout Node, _ body: (inout Node, Bool) -> Void
    ) {
        body(&node, path.isEmpty)
        guard let name = path.first else { return }
        let index = node.children.firstIndex { $0.name == name } ?? node.children.endIndex
        if index == node.children.endIndex { node.children.append(Node(name: String(name))) }
        visit(path.dropFirst(), from: &node.children[index], body)
    }

    /// One line per node, indented, with aligned columns for shape and count. Equal layers in a row are shown once.
    package var text: String {
        var rows: [(name: String, shape: String, count: String)] = []
        Self.collect(root, depth: 0, into: &rows)
        let nameWidth = rows.map(\.name.count).max() ?? 0
        let shapeWidth = rows.map(\.shape.count).max() ?? 0
        let countWidth = rows.map(\.count.count).max() ?? 0
        return rows.map { row in
            let name = row.name + String(repeating: " ", count: nameWidth - row.name.count + 2)
            if row.count.isEmpty { return name + row.shape }
            return name + row.shape + String(repeating: " ", count: shapeWidth - row.shape.count + 2)
                + String(repeating: " ", count: countWidth - row.count.count) + row.count
        }.joined(separator: "\n") + "\n"
    }

    private static func collect(
        _ node: Node, depth: Int, into rows: inout [(name: String, shape: String, count: String)]
    ) {
        let shape =
            node.shape?.description ?? node.epsilon.map { "eps \($0)" } ?? node.dropoutRate.map { "p \($0)" } ?? ""
        let count = node.dropoutRate == nil ? grouped(node.count) : ""
        rows.append((String(repeating: "  ", count: depth) + node.name, shape, count))
        var index = 0
        while index < node.children.count {
            let first = node.children[index]
            var end = index + 1
            while end < node.children.count, Int(first.name) != nil, node.children[end].children == first.children {
                end += 1
            }
            if end - index > 1 {
                let merged = Node(
                    name: "\(first.name)...\(node.children[end - 1].name)", count: first.count * (end - index),
                    children: first.children)
                collect(merged, depth: depth + 1, into: &rows)
            } else {
                collect(first, depth: depth + 1, into: &rows)
            }
            index = end
        }
    }

    /// Digits in groups of three.
    package static func grouped(_ number: Int) -> String {
        let digits = Array(String(number))
        return String(
            digits.enumerated().flatMap { index, digit in
                index > 0 && (digits.count - index) % 3 == 0 ? [",", digit] : [digit]
            })
    }

    /// The same tree for `--json`, with the configuration.
    package var json: JSONValue {
        func value(_ node: Node) -> JSONValue {
            var members: [String: JSONValue] = ["name": .string(node.name), "parameters": .integer(node.count)]
            if let shape = node.shape { members["shape"] = .array(shape.map { .integer($0) }) }
            if let epsilon = node.epsilon { members["eps"] = .real(epsilon) }
            if let rate = node.dropoutRate { members["p"] = .real(rate) }
            if !node.children.isEmpty { members["children"] = .array(node.children.map(value)) }
            return .object(members)
        }
        return .object([
            "configuration": .object(configuration.fileKeys(head: head)), "parameters": .integer(root.count),
            "model": value(root),
            "parameter_counts": .object(
                Dictionary(uniqueKeysWithValues: configuration.parameterCounts.map { ($0.name, .integer($0.count)) })),
        ])
    }
}
