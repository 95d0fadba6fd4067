/// What a node is: `process.roles`.
package struct NodeRoles: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    package static let broker = NodeRoles(rawValue: 1)
    package static let controller = NodeRoles(rawValue: 2)
}
