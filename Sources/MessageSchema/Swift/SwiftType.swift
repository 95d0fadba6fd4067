/// How a value that is not an array stands in Swift: its type, and what reads and writes it.
struct SwiftType: Equatable {
    /// How the value is made from what the wire holds.
    enum Form: Equatable {
        /// A type without a meaning of its own: it is what the wire holds.
        case raw
        /// A type with a raw value.
        case newtype
        /// The id of a topic, around a UUID.
        case topicID
    }

    /// The name in Swift, without `?`.
    var name: String
    /// The value that a property has from the start.
    var zero: String
    var form: Form

    static func raw(_ name: String, zero: String) -> SwiftType {
        SwiftType(name: name, zero: zero, form: .raw)
    }

    static func newtype(_ name: String) -> SwiftType {
        SwiftType(name: name, zero: name == "ErrorCode" ? ".noError" : "0", form: .newtype)
    }

    static let topicID = SwiftType(name: "TopicID", zero: ".zero", form: .topicID)

    /// An expression for the value read, given the expression for what the wire holds.
    func wrap(_ expression: String) -> String {
        switch self.form {
        case .raw: expression
        case .newtype: "\(self.name)(rawValue: \(expression))"
        case .topicID: "TopicID(\(expression))"
        }
    }

    /// An expression for what the wire holds, given the expression for the value.
    func unwrap(_ expression: String) -> String {
        switch self.form {
        case .raw: expression
        case .newtype: "\(expression).rawValue"
        case .topicID: "\(expression).uuid"
        }
    }
}

/// The one table that gives a field a type of the project's vocabulary. A path counts before an entity type, an entity
/// type before a name; what matches nothing keeps its basic type.
enum SwiftTypeTable {
    /// By `Structure.Field` (or `Message.Field`) and basic type, where the name alone does not tell.
    private static let byPath: [String: String] = [
        "ProducerEntry.Epoch:int16": "ProducerEpoch",
        "EpochEndOffset.Epoch:int32": "LeaderEpoch",
        "SnapshotId.Epoch:int32": "LeaderEpoch",
        "ReplicaState.ReplicaEpoch:int64": "BrokerEpoch",
        "FenceBrokerRecord.Epoch:int64": "BrokerEpoch",
        "UnfenceBrokerRecord.Epoch:int64": "BrokerEpoch",
        "PartitionProduceData.Index:int32": "PartitionIndex",
        "PartitionProduceResponse.Index:int32": "PartitionIndex",
        "PartitionSnapshot.Index:int32": "PartitionIndex",
    ]

    /// By entity type and basic type.
    private static let byEntity: [String: String] = [
        "brokerId:int32": "NodeID",
        "producerId:int64": "ProducerID",
    ]

    /// By the field's whole name and basic type; an array is looked up by its elements' type with brackets.
    private static let byName: [String: String] = [
        "NodeId:int32": "NodeID", "BrokerId:int32": "NodeID", "LeaderId:int32": "NodeID",
        "ReplicaId:int32": "NodeID", "VoterId:int32": "NodeID", "CandidateId:int32": "NodeID",
        "ControllerId:int32": "NodeID", "VotedId:int32": "NodeID", "Isr:[int32]": "NodeID",
        "PreferredSuccessors:[int32]": "NodeID",
        "ReplicaEpoch:int32": "LeaderEpoch", "CandidateEpoch:int32": "LeaderEpoch",
        "LastFetchedEpoch:int32": "LeaderEpoch", "LastOffsetEpoch:int32": "LeaderEpoch",
        "PartitionEpoch:int32": "PartitionEpoch",
        "Partition:int32": "PartitionIndex", "PartitionIndex:int32": "PartitionIndex",
        "PartitionId:int32": "PartitionIndex", "Partitions:[int32]": "PartitionIndex",
        "PartitionIndexes:[int32]": "PartitionIndex", "PartitionIds:[int32]": "PartitionIndex",
        "HighWatermark:int64": "Offset", "LowWatermark:int64": "Offset", "OldStyleOffsets:[int64]": "Offset",
        "TopicId:uuid": "TopicID",
    ]

    /// By the end of the field's name and basic type.
    private static let bySuffix: [(suffix: String, type: String)] = [
        ("ErrorCode:int16", "ErrorCode"), ("ProducerEpoch:int16", "ProducerEpoch"), ("ProducerId:int64", "ProducerID"),
        ("LeaderEpoch:int32", "LeaderEpoch"), ("BrokerEpoch:int64", "BrokerEpoch"), ("Offset:int64", "Offset"),
        ("Timestamp:int64", "Timestamp"),
    ]

    /// The Swift type of `field`, or of its elements where it is an array.
    static func type(of field: FieldDefinition, in structure: String) -> SwiftType {
        let element = if case .array(let element) = field.type { element } else { field.type }
        let isArray = field.type.isArray
        guard let word = self.word(for: element) else { return self.basic(element) }
        let name = field.name.prefix(1).uppercased() + field.name.dropFirst()
        let typed = "\(name):\(isArray ? "[\(word)]" : word)"
        if let found = self.byPath["\(structure).\(typed)"] { return .newtype(found) }
        if let entity = field.entityType, let found = self.byEntity["\(entity):\(word)"] { return .newtype(found) }
        if let found = self.byName[typed] { return found == "TopicID" ? .topicID : .newtype(found) }
        for (suffix, type) in self.bySuffix where typed.hasSuffix(suffix) { return .newtype(type) }
        return self.basic(element)
    }

    private static func word(for type: FieldType) -> String? {
        switch type {
        case .int16: "int16"
        case .int32: "int32"
        case .int64: "int64"
        case .uuid: "uuid"
        default: nil
        }
    }

    private static func basic(_ type: FieldType) -> SwiftType {
        switch type {
        case .bool: .raw("Bool", zero: "false")
        case .int8: .raw("Int8", zero: "0")
        case .int16: .raw("Int16", zero: "0")
        case .uint16: .raw("UInt16", zero: "0")
        case .int32: .raw("Int32", zero: "0")
        case .uint32: .raw("UInt32", zero: "0")
        case .int64: .raw("Int64", zero: "0")
        case .float64: .raw("Double", zero: "0")
        case .string: .raw("String", zero: "\"\"")
        case .uuid: .raw("KafkaUUID", zero: ".zero")
        case .bytes: .raw("ByteSlice", zero: ".empty")
        case .records: .raw("RecordsPayload", zero: ".null")
        case .structure(let name): .raw(name, zero: "\(name)()")
        case .array: preconditionFailure("an element is never an array")
        }
    }
}
