package import ApusCore

/// One contradiction, with all that is needed to tell it.
package struct Anomaly: Hashable, Sendable {
    package var kind: AnomalyClass
    /// Nil for cycles, which may go through many partitions.
    package var key: TopicPartition?
    package var offsets: [Offset]
    package var values: [WrittenValue]
    /// The operations that show it, in an order that tells it: writer before reader, earlier before later.
    package var operations: [OperationID]

    package init(
        kind: AnomalyClass, key: TopicPartition?, offsets: [Offset] = [], values: [WrittenValue] = [],
        operations: [OperationID] = []
    ) {
        self.kind = kind
        self.key = key
        self.offsets = offsets
        self.values = values
        self.operations = operations
    }
}

extension Anomaly: CustomStringConvertible {
    package var description: String {
        var text = self.kind.rawValue
        if let key = self.key { text += " at \(key)" }
        if !self.offsets.isEmpty { text += ", offsets \(self.offsets)" }
        if !self.values.isEmpty { text += ", values \(self.values)" }
        if !self.operations.isEmpty { text += ", operations \(self.operations)" }
        return text
    }
}
