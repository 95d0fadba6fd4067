/// Things that events name by slot and generation; a slot is used again, a generation never.
struct SlotTable<Element> {
    private struct Slot {
        var element: Element?
        var generation: UInt32
    }

    private var slots: [Slot] = []
    private var free: [UInt32] = []

    /// Elements that are there.
    var count: Int { self.slots.count - self.free.count }

    mutating func insert(_ element: Element) -> (slot: UInt32, generation: UInt32) {
        if let slot = self.free.popLast() {
            self.slots[Int(slot)].element = element
            return (slot, self.slots[Int(slot)].generation)
        }
        self.slots.append(Slot(element: element, generation: 0))
        return (UInt32(self.slots.count - 1), 0)
    }

    /// The element, where it is still the one that was meant.
    func element(_ slot: UInt32, _ generation: UInt32) -> Element? {
        guard self.slots[Int(slot)].generation == generation else { return nil }
        return self.slots[Int(slot)].element
    }

    @discardableResult
    mutating func remove(_ slot: UInt32, _ generation: UInt32) -> Element? {
        guard self.slots[Int(slot)].generation == generation, let element = self.slots[Int(slot)].element else {
            return nil
        }
        self.slots[Int(slot)].element = nil
        self.slots[Int(slot)].generation &+= 1
        self.free.append(slot)
        return element
    }

    /// All elements, in the order of slots.
    var elements: [Element] { self.slots.compactMap(\.element) }

    /// Takes out what `isUnwanted`, in the order of slots.
    mutating func removeAll(where isUnwanted: (Element) -> Bool) -> [Element] {
        var removed: [Element] = []
        for index in self.slots.indices {
            guard let element = self.slots[index].element, isUnwanted(element) else { continue }
            removed.append(element)
            self.slots[index].element = nil
            self.slots[index].generation &+= 1
            self.free.append(UInt32(index))
        }
        return removed
    }
}
