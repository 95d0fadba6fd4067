import ApusCore

/// The driver's name for a request that it received and that waits for `RaftEffect.respond`.
package struct InboundRequestID: IntegerValue {
    package var rawValue: Int64

    package init(rawValue: Int64) {
        self.rawValue = rawValue
    }
}

/// The machine's name for a request that it sent; the response or the failure is reported under it.
package struct OutboundRequestID: IntegerValue {
    package var rawValue: Int64

    package init(rawValue: Int64) {
        self.rawValue = rawValue
    }
}
