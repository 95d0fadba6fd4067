/// What happens to the old segments of a topic; nothing where it is empty.
package struct CleanupPolicy: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    package static let delete = CleanupPolicy(rawValue: 1)
    package static let compact = CleanupPolicy(rawValue: 2)

    init(_ names: [String]) {
        self = []
        if names.contains("delete") { self.insert(.delete) }
        if names.contains("compact") { self.insert(.compact) }
    }
}
