/// Finds the name that a mistyped one was meant to be.
public enum NearestName {
    /// The nearest of `names`, nil where all differ by more than a fifth of their length.
    public static func of(_ name: String, among names: [String]) -> String? {
        var best: (name: String, distance: Int)?
        let limit = max(1, name.utf8.count / 5)
        for candidate in names where abs(candidate.utf8.count - name.utf8.count) <= limit {
            let distance = Self.distance(Array(name.utf8), Array(candidate.utf8))
            if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        return best?.name
    }

    /// The number of bytes to insert, delete or replace.
    private static func distance(_ one: [UInt8], _ other: [UInt8]) -> Int {
        var previous = Array(0...other.count)
        for (row, byte) in one.enumerated() {
            var current = [row + 1]
            for (column, otherByte) in other.enumerated() {
                let replaced = previous[column] + (byte == otherByte ? 0 : 1)
                current.append(min(replaced, previous[column + 1] + 1, current[column] + 1))
            }
            previous = current
        }
        return previous[other.count]
    }
}
