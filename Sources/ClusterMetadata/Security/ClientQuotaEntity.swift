/// Whom a client quota limits: parts such as (`user`, name) and (`client-id`, name), ascending by type.
package struct ClientQuotaEntity: Hashable, Sendable, Comparable {
    package var parts: [Part]

    package struct Part: Hashable, Sendable {
        package var type: String
        /// The name; nil is the default of the type.
        package var name: String?

        package init(type: String, name: String?) {
            self.type = type
            self.name = name
        }
    }

    package init(_ parts: [Part]) {
        self.parts = parts.sorted { $0.type < $1.type }
    }

    package static func < (lhs: ClientQuotaEntity, rhs: ClientQuotaEntity) -> Bool {
        for (left, right) in zip(lhs.parts, rhs.parts) where left != right {
            if left.type != right.type { return left.type < right.type }
            // The default sorts before every name.
            guard let leftName = left.name else { return true }
            guard let rightName = right.name else { return false }
            return leftName < rightName
        }
        return lhs.parts.count < rhs.parts.count
    }
}
