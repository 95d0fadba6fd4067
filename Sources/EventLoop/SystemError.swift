import CSystem

/// A system call that failed.
package struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The system's error number, positive.
    package var number: Int32
    /// The call, for the log.
    package var operation: String

    package init(number: Int32, operation: String) {
        self.number = number
        self.operation = operation
    }

    /// `result` where it is not negative; throws what `-errno` says otherwise.
    package static func check(_ result: Int32, _ operation: String) throws(SystemError) -> Int32 {
        guard result >= 0 else { throw SystemError(number: -result, operation: operation) }
        return result
    }

    /// The system's words for an error number.
    package static func text(of number: Int32) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            guard let base = buffer.baseAddress else { return "error \(number)" }
            return String(cString: apus_error_text(number, base, buffer.count))
        }
    }

    package var description: String { "\(self.operation): \(Self.text(of: self.number))" }
}
