import ApusCore

/// What one record carries in a tested workload: unique within its partition, so that a reader knows its writer.
package struct WrittenValue: IntegerValue {
    package var rawValue: Int64

    package init(rawValue: Int64) {
        self.rawValue = rawValue
    }
}

/// One client that does one thing after another. A client that comes back after a crash is another process.
package struct ProcessID: IntegerValue {
    package var rawValue: Int32

    package init(rawValue: Int32) {
        self.rawValue = rawValue
    }
}

/// The place of an operation in its history: 0 for the first one appended.
package struct OperationID: IntegerValue {
    package var rawValue: Int64

    package init(rawValue: Int64) {
        self.rawValue = rawValue
    }
}
