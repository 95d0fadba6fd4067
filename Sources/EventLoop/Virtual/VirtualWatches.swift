/// What a virtual loop watches, and what of it may be ready. Reporting is level-triggered, as with epoll.
struct VirtualWatches {
    private var sources: [Registration: any VirtualSource] = [:]
    private var candidates: [Registration] = []
    private var queued: Set<Registration> = []

    /// Whether a source waits to be looked at.
    var hasCandidates: Bool { !self.candidates.isEmpty }

    mutating func add(_ source: any VirtualSource, as registration: Registration) {
        self.sources[registration] = source
    }

    mutating func remove(_ registration: Registration) {
        self.sources[registration] = nil
    }

    subscript(registration: Registration) -> (any VirtualSource)? { self.sources[registration] }

    /// The source is to be looked at in the next turn.
    mutating func mayBeReady(_ registration: Registration) {
        if self.queued.insert(registration).inserted { self.candidates.append(registration) }
    }

    /// What is to be looked at, in the order in which it was named.
    mutating func takeCandidates() -> [Registration] {
        var taken: [Registration] = []
        swap(&taken, &self.candidates)
        self.queued.removeAll(keepingCapacity: true)
        return taken
    }
}
