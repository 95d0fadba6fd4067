/// One message: what a schema file declares at its top level.
package struct MessageDefinition: Hashable, Sendable {
    /// What a message is for; the raw value is its word in the notation.
    package enum Kind: String, Hashable, Sendable {
        case request
        case response
        case header
        /// A record of the metadata log.
        case metadata
        case coordinatorKey = "coordinator-key"
        case coordinatorValue = "coordinator-value"
        /// A record of the topic in which remote log segments are tracked.
        case remoteLog = "remote-log"
        case data
    }

    package var kind: Kind
    package var name: String
    /// The API key of a request, or the type of a record among its kind.
    package var key: Int16?
    package var versions: VersionRange
    /// The first version with compact lengths and tagged fields; nil where there is none.
    package var flexibleFrom: Int16?
    /// The newest version where it is not yet fit for use.
    package var unstableVersion: Int16?
    /// The kinds of listener that serve a request: `broker`, `controller`.
    package var listeners: [String]
    /// True where the generated type can be compared.
    package var isEquatable: Bool
    package var fields: [FieldDefinition]
    /// Structures that several fields share.
    package var sharedStructures: [StructureDefinition]

    package init(
        kind: Kind, name: String, versions: VersionRange, key: Int16? = nil, flexibleFrom: Int16? = nil,
        unstableVersion: Int16? = nil, listeners: [String] = [], isEquatable: Bool = false,
        fields: [FieldDefinition] = [], sharedStructures: [StructureDefinition] = []
    ) {
        self.kind = kind
        self.name = name
        self.versions = versions
        self.key = key
        self.flexibleFrom = flexibleFrom
        self.unstableVersion = unstableVersion
        self.listeners = listeners
        self.isEquatable = isEquatable
        self.fields = fields
        self.sharedStructures = sharedStructures
    }

    /// True where `version` has compact lengths and tagged fields.
    package func isFlexible(_ version: Int16) -> Bool {
        guard let first = self.flexibleFrom else { return false }
        return version >= first
    }
}

/// A structure with a name, as several fields of one message share it.
package struct StructureDefinition: Hashable, Sendable {
    package var name: String
    package var versions: VersionRange
    package var fields: [FieldDefinition]

    package init(name: String, versions: VersionRange, fields: [FieldDefinition]) {
        self.name = name
        self.versions = versions
        self.fields = fields
    }
}
