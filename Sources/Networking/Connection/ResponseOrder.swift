/// The place of one request's answer among the answers of its connection.
package struct ResponseSlot: Hashable, Sendable {
    /// Counts the requests of the connection from 0.
    package let sequence: UInt64
}

/// Lets requests be answered in any order, and their answers out in the order of the requests. Pure.
package struct ResponseOrder<Response> {
    private enum Place {
        case waiting
        case answered(Response)
        /// There will be no answer.
        case skipped
    }

    private var places = RingBuffer<Place>()
    private var first: UInt64 = 0

    package init() {}

    /// Requests whose answers have not been taken out.
    package var outstanding: Int { self.places.count }

    /// A request has arrived.
    package mutating func open() -> ResponseSlot {
        self.places.append(.waiting)
        return ResponseSlot(sequence: self.first + UInt64(self.places.count) - 1)
    }

    /// The answer to a request is there; nil says that there will be none. Once a slot.
    package mutating func fulfil(_ slot: ResponseSlot, with response: Response?) {
        precondition(slot.sequence >= self.first, "a request was answered twice")
        let index = Int(slot.sequence - self.first)
        guard case .waiting = self.places[index] else { preconditionFailure("a request was answered twice") }
        self.places[index] = response.map(Place.answered) ?? .skipped
    }

    /// Takes out the next answer that may leave.
    package mutating func next() -> Response? {
        while !self.places.isEmpty {
            switch self.places[0] {
            case .waiting:
                return nil
            case .skipped:
                _ = self.places.popFirst()
                self.first += 1
            case .answered(let response):
                _ = self.places.popFirst()
                self.first += 1
                return response
            }
        }
        return nil
    }

    package mutating func removeAll() {
        self.first += UInt64(self.places.count)
        self.places.removeAll()
    }
}
