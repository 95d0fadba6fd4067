package import KafkaPrimitives

/// The batches of format 2 at the start of a slice, up to the first thing that is not a whole one.
///
/// For bytes that were checked before. Where it matters why the walk ended, use `LogEntryScanner`.
package struct RecordBatchSequence: Sequence {
    private let bytes: ByteSlice

    package init(_ bytes: ByteSlice) {
        self.bytes = bytes
    }

    package func makeIterator() -> Iterator { Iterator(scanner: LogEntryScanner(self.bytes)) }

    package struct Iterator: IteratorProtocol {
        fileprivate var scanner: LogEntryScanner

        package mutating func next() -> RecordBatchView? {
            do {
                guard case .batch(let batch) = try self.scanner.next() else { return nil }
                return batch
            } catch {
                // Damage ends the sequence like the end of the bytes does, as the type promises.
                return nil
            }
        }
    }

    /// Bytes of the batches that the sequence yields, from the start of the slice.
    package var completeByteCount: Int {
        self.reduce(0) { $0 + $1.sizeInBytes }
    }
}
