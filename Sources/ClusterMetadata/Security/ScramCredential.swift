/// The SCRAM credential of a user under one mechanism (KIP-554). The bytes are secrets and never logged.
package struct ScramCredential: Hashable, Sendable {
    package var salt: [UInt8]
    package var storedKey: [UInt8]
    package var serverKey: [UInt8]
    package var iterations: Int32

    package init(salt: [UInt8], storedKey: [UInt8], serverKey: [UInt8], iterations: Int32) {
        self.salt = salt
        self.storedKey = storedKey
        self.serverKey = serverKey
        self.iterations = iterations
    }

    /// Whose credential it is: a user and Kafka's number of the mechanism (1 SHA-256, 2 SHA-512).
    package struct Key: Hashable, Sendable, Comparable {
        package var user: String
        package var mechanism: Int8

        package init(user: String, mechanism: Int8) {
            self.user = user
            self.mechanism = mechanism
        }

        package static func < (lhs: Key, rhs: Key) -> Bool {
            (lhs.mechanism, lhs.user) < (rhs.mechanism, rhs.user)
        }
    }
}
