/// An order over the indices of some array: a doubly linked list in two integers a slot.
///
/// Taking a slot out, putting it last and stepping to the next are constant time and do not allocate.
struct SlotOrder: Equatable, Sendable {
    /// No slot.
    static var none: Int { -1 }

    private struct Link: Equatable {
        var previous: Int32 = -1
        var next: Int32 = -1
    }

    private var links: [Link] = []
    private(set) var first = SlotOrder.none
    private var last = SlotOrder.none
    private(set) var count = 0

    /// Puts `slot`, which is in no order now, last.
    mutating func append(_ slot: Int) {
        while self.links.count <= slot { self.links.append(Link()) }
        self.links[slot] = Link(previous: Int32(self.last), next: -1)
        if self.last == SlotOrder.none {
            self.first = slot
        } else {
            self.links[self.last].next = Int32(slot)
        }
        self.last = slot
        self.count += 1
    }

    /// Takes `slot`, which is in this order, out.
    mutating func remove(_ slot: Int) {
        let link = self.links[slot]
        if link.previous < 0 {
            self.first = Int(link.next)
        } else {
            self.links[Int(link.previous)].next = link.next
        }
        if link.next < 0 {
            self.last = Int(link.previous)
        } else {
            self.links[Int(link.next)].previous = link.previous
        }
        self.links[slot] = Link()
        self.count -= 1
    }

    /// Makes `slot`, which is in this order, the last.
    mutating func moveToEnd(_ slot: Int) {
        guard slot != self.last else { return }
        self.remove(slot)
        self.append(slot)
    }

    /// The slot after `slot`, or `none`.
    func next(after slot: Int) -> Int {
        Int(self.links[slot].next)
    }
}
