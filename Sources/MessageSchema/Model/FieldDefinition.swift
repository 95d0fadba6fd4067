/// One field of a message or structure, in all versions.
package struct FieldDefinition: Hashable, Sendable {
    /// Kafka's name.
    package var name: String
    package var type: FieldType
    /// The versions that carry the field. A field with a tag is a tagged field in all of them.
    package var versions: VersionRange
    /// The versions in which the field may be null.
    package var nullable: VersionRange?
    /// The default as text; nil where it is zero, empty or false.
    package var defaultText: String?
    package var tag: UInt32?
    /// What the value identifies, in Kafka's words: `brokerId`, `producerId`, `topicName` and so on.
    package var entityType: String?
    /// True where a writer may drop a value that the version cannot carry.
    package var isIgnorable: Bool
    /// True where the field is (part of) the key of the array its structure is an element of.
    package var isMapKey: Bool
    /// True where the field keeps the old form of its type in flexible versions too.
    package var isInflexible: Bool
    /// The fields of the structure that is declared here; empty where it is declared elsewhere.
    package var fields: [FieldDefinition]

    package init(
        name: String, type: FieldType, versions: VersionRange, nullable: VersionRange? = nil,
        defaultText: String? = nil, tag: UInt32? = nil, entityType: String? = nil, isIgnorable: Bool = false,
        isMapKey: Bool = false, isInflexible: Bool = false, fields: [FieldDefinition] = []
    ) {
        self.name = name
        self.type = type
        self.versions = versions
        self.nullable = nullable
        self.defaultText = defaultText
        self.tag = tag
        self.entityType = entityType
        self.isIgnorable = isIgnorable
        self.isMapKey = isMapKey
        self.isInflexible = isInflexible
        self.fields = fields
    }
}
