/// Which handler belongs to which registration. An event that was fetched before its registration ended finds nothing.
struct RegistrationTable {
    struct Entry {
        var handler: any ReadinessHandler
        var descriptor: Int32
        var interest: Interest
    }

    private struct Slot {
        var entry: Entry?
        var generation: UInt32
    }

    private var slots: [Slot] = []
    private var free: [UInt32] = []

    /// Registrations that stand.
    var count: Int { self.slots.count - self.free.count }

    mutating func insert(_ entry: Entry) -> Registration {
        if let slot = self.free.popLast() {
            self.slots[Int(slot)].entry = entry
            return Registration(slot: slot, generation: self.slots[Int(slot)].generation)
        }
        self.slots.append(Slot(entry: entry, generation: 0))
        return Registration(slot: UInt32(self.slots.count - 1), generation: 0)
    }

    subscript(registration: Registration) -> Entry? {
        let index = Int(registration.slot)
        guard index < self.slots.count, self.slots[index].generation == registration.generation else { return nil }
        return self.slots[index].entry
    }

    mutating func setInterest(_ interest: Interest, of registration: Registration) {
        self.slots[Int(registration.slot)].entry?.interest = interest
    }

    @discardableResult
    mutating func remove(_ registration: Registration) -> Entry? {
        guard let entry = self[registration] else { return nil }
        self.slots[Int(registration.slot)].entry = nil
        self.slots[Int(registration.slot)].generation &+= 1
        self.free.append(registration.slot)
        return entry
    }

    mutating func removeAll() {
        self.slots.removeAll()
        self.free.removeAll()
    }
}
