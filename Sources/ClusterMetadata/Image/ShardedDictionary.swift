/// A dictionary in 256 parts that share storage separately: changing one entry of a copied dictionary copies the list
/// of parts and one part, not every entry.
///
/// An image with 30,000 topics is published after every batch of records; with one plain dictionary each batch would
/// copy 30,000 entries. Iteration order is unspecified and differs between processes: sort before anything depends
/// on it.
package struct ShardedDictionary<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private var shards: [[Key: Value]]
    package private(set) var count = 0

    private static var shardCount: Int { 256 }

    package init() {
        self.shards = Array(repeating: [:], count: Self.shardCount)
    }

    package var isEmpty: Bool { self.count == 0 }

    private static func shard(of key: Key) -> Int {
        // The high bits choose the shard, because a dictionary chooses its bucket by the low ones.
        Int(truncatingIfNeeded: UInt(bitPattern: key.hashValue) >> (UInt.bitWidth - 8))
    }

    package subscript(key: Key) -> Value? {
        get { self.shards[Self.shard(of: key)][key] }
        set {
            let shard = Self.shard(of: key)
            let before = self.shards[shard].count
            self.shards[shard][key] = newValue
            self.count += self.shards[shard].count - before
        }
    }

    /// Changes the value under `key` in place; does nothing and returns nil where there is none.
    package mutating func modify<Result>(_ key: Key, _ change: (inout Value) -> Result) -> Result? {
        let shard = Self.shard(of: key)
        guard let index = self.shards[shard].index(forKey: key) else { return nil }
        return change(&self.shards[shard].values[index])
    }

    @discardableResult
    package mutating func removeValue(forKey key: Key) -> Value? {
        guard let removed = self.shards[Self.shard(of: key)].removeValue(forKey: key) else { return nil }
        self.count -= 1
        return removed
    }

    /// Calls `body` for every entry, in unspecified order.
    package func forEach(_ body: (Key, Value) -> Void) {
        for shard in self.shards {
            for (key, value) in shard { body(key, value) }
        }
    }

    /// The keys in ascending order.
    package func sortedKeys() -> [Key] where Key: Comparable {
        var keys: [Key] = []
        keys.reserveCapacity(self.count)
        for shard in self.shards { keys.append(contentsOf: shard.keys) }
        return keys.sorted()
    }
}

extension ShardedDictionary: Equatable where Value: Equatable {}
