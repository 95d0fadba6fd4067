/// How large a receive buffer a connection asks for: it follows what the connection's reads bring.
package struct ReceiveSize: Hashable, Sendable {
    package static let smallest = 16 * 1024
    package static let largest = 1024 * 1024
    /// After so many reads in a row that fill less than a quarter, the size goes down.
    package static let smallReadsMax = 32

    package private(set) var bytes = Self.smallest
    private var smallReads = 0

    package init() {}

    /// A read brought `count` bytes where `offered` had room.
    package mutating func received(_ count: Int, offered: Int) {
        if count == offered, offered >= self.bytes / 2 {
            self.bytes = min(self.bytes * 4, Self.largest)
            self.smallReads = 0
        } else if count < self.bytes / 4 {
            self.smallReads += 1
            if self.smallReads == Self.smallReadsMax {
                self.bytes = max(self.bytes / 4, Self.smallest)
                self.smallReads = 0
            }
        } else {
            self.smallReads = 0
        }
    }
}
