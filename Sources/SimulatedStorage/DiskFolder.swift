import ApusCore

/// A folder of a simulated disk: its names, and those that were synchronized.
struct DiskFolder {
    enum Target {
        case file(DiskFile)
        case folder

        var isFolder: Bool { if case .folder = self { true } else { false } }
    }

    /// A change of the names that has not been synchronized.
    enum Change {
        case set(name: String, Target)
        case remove(name: String)
        case rename(from: String, to: String)
    }

    private(set) var names: [String: Target] = [:]
    private var durable: [String: Target] = [:]
    private var changes: [Change] = []

    /// What the names lead to, and what those led to that were synchronized.
    var targets: [Target] { Array(self.names.values) + self.durable.values }

    /// Makes a change and remembers that it is not durable. Returns what the name it takes was before.
    mutating func change(_ change: Change) -> Target? {
        self.changes.append(change)
        return self.apply(change)
    }

    private mutating func apply(_ change: Change) -> Target? {
        switch change {
        case .set(let name, let target): return self.names.updateValue(target, forKey: name)
        case .remove(let name): return self.names.removeValue(forKey: name)
        case .rename(let source, let target):
            let old = self.names[target]
            self.names[target] = self.names.removeValue(forKey: source)
            return old
        }
    }

    mutating func synchronize() {
        self.durable = self.names
        self.changes.removeAll(keepingCapacity: true)
    }

    /// Keeps a front part of the unsynchronized changes.
    mutating func losePower(_ random: inout SeededRandom) {
        guard !self.changes.isEmpty else { return }
        let kept = self.changes.prefix(Int.random(in: 0...self.changes.count, using: &random))
        self.names = self.durable
        for change in kept { _ = self.apply(change) }
        self.durable = self.names
        self.changes = []
    }
}
