/// A queue in a circle of memory that doubles when it is full. Elements are counted from the head.
struct RingBuffer<Element> {
    private var places: [Element?]
    private var head = 0
    private(set) var count = 0

    /// Places that an empty queue keeps.
    private static var keptMax: Int { 16 }

    init() {
        self.places = []
    }

    var isEmpty: Bool { self.count == 0 }

    /// The element at `index`, which is less than `count`.
    subscript(index: Int) -> Element {
        get {
            precondition(index >= 0 && index < self.count)
            guard let element = self.places[self.place(of: index)] else { preconditionFailure("a place is empty") }
            return element
        }
        set {
            precondition(index >= 0 && index < self.count)
            self.places[self.place(of: index)] = newValue
        }
    }

    mutating func append(_ element: Element) {
        if self.count == self.places.count { self.grow() }
        self.places[self.place(of: self.count)] = element
        self.count += 1
    }

    mutating func popFirst() -> Element? {
        guard self.count > 0 else { return nil }
        let element = self.places[self.head]
        self.places[self.head] = nil
        self.head = (self.head + 1) & (self.places.count - 1)
        self.count -= 1
        // What a burst needed is not kept by a queue that has run empty.
        if self.count == 0, self.places.count > Self.keptMax { self.removeAll() }
        return element
    }

    mutating func removeAll() {
        self.places = []
        self.head = 0
        self.count = 0
    }

    private func place(of index: Int) -> Int { (self.head + index) & (self.places.count - 1) }

    private mutating func grow() {
        var larger: [Element?] = []
        larger.reserveCapacity(max(4, self.places.count * 2))
        for index in 0..<self.count { larger.append(self.places[self.place(of: index)]) }
        while larger.count < max(4, self.places.count * 2) { larger.append(nil) }
        self.places = larger
        self.head = 0
    }
}
