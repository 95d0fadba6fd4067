import ApusCore

/// The places of the newest batches of the active segment, so that the reads of followers and of consumers at the end
/// of the log look nothing up in files.
struct TailPositions: Sendable {
    struct Place: Hashable, Sendable {
        var baseOffset: Offset
        /// Inclusive.
        var lastOffset: Offset
        var position: Int32
        var size: Int32
    }

    /// So many places are kept once the oldest are dropped; twice as many before.
    private static let capacity = 32

    private var places: [Place] = []

    mutating func append(_ place: Place) {
        if self.places.count == 2 * Self.capacity { self.places.removeFirst(Self.capacity) }
        self.places.append(place)
    }

    mutating func removeAll() {
        self.places.removeAll(keepingCapacity: true)
    }

    mutating func removeAll(from offset: Offset) {
        while let last = self.places.last, last.lastOffset >= offset { self.places.removeLast() }
    }

    /// The first batch whose last offset is not below `offset`, or nil where it is not among those known.
    func first(atOrAfter offset: Offset) -> Place? {
        guard let oldest = self.places.first, offset >= oldest.baseOffset else { return nil }
        var low = 0
        var high = self.places.count
        while low < high {
            let middle = (low + high) / 2
            if self.places[middle].lastOffset < offset {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low < self.places.count ? self.places[low] : nil
    }
}
