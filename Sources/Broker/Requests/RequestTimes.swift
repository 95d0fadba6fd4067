import ApusCore
import KafkaProtocol
import Networking
import Synchronization

/// When the requests under way on one connection reached each of their stages.
///
/// A ring: a place is used again after `capacity` further requests, which a connection never has under way at once.
/// Should it happen all the same, the older request's times are not told. Any thread may call.
final class RequestTimes: Sendable {
    private enum Field: Int, CaseIterable {
        case sequence, key, received, started, handled, answered
    }

    /// A power of two of at least the listener's pipeline.
    static let capacity = 64
    /// No moment: clocks begin at 0.
    private static let never: Int64 = -1

    // The memory is allocated in `init`, freed in `deinit`, never moved, and only reached through atomic operations.
    private nonisolated(unsafe) let fields: UnsafeMutablePointer<Atomic<Int64>>

    private static var fieldCount: Int { Self.capacity * Field.allCases.count }

    init() {
        self.fields = .allocate(capacity: Self.fieldCount)
        for index in 0..<Self.fieldCount { (self.fields + index).initialize(to: Atomic(Self.never)) }
    }

    deinit {
        self.fields.deinitialize(count: Self.fieldCount)
        self.fields.deallocate()
    }

    /// The handler of the request of `slot` is about to run.
    func begin(_ slot: ResponseSlot, _ key: APIKey, received: Instant, started: Instant) {
        self.store(Int64(bitPattern: slot.sequence), .sequence, slot)
        self.store(Int64(key.rawValue), .key, slot)
        self.store(received.nanoseconds, .received, slot)
        self.store(started.nanoseconds, .started, slot)
        self.store(Self.never, .handled, slot)
        self.store(Self.never, .answered, slot)
    }

    /// The handler has returned; the answer may have left already.
    func handled(_ slot: ResponseSlot, at instant: Instant) {
        guard self.isOf(slot) else { return }
        self.store(instant.nanoseconds, .handled, slot)
    }

    func answered(_ slot: ResponseSlot, at instant: Instant) {
        guard self.isOf(slot) else { return }
        self.store(instant.nanoseconds, .answered, slot)
    }

    /// The kernel has the whole answer: where the time went; nil where the beginning is not known.
    func sent(_ slot: ResponseSlot, at instant: Instant) -> (key: APIKey, received: Instant, spent: RequestDurations)? {
        guard self.isOf(slot), let answered = self.moment(.answered, slot), let received = self.moment(.received, slot),
            let started = self.moment(.started, slot)
        else { return nil }
        let spent = RequestDurations(
            received: received, started: started, handled: self.moment(.handled, slot), answered: answered,
            sent: instant)
        return (APIKey(rawValue: Int16(truncatingIfNeeded: self.load(.key, slot))), received, spent)
    }

    private func isOf(_ slot: ResponseSlot) -> Bool {
        self.load(.sequence, slot) == Int64(bitPattern: slot.sequence)
    }

    private func moment(_ field: Field, _ slot: ResponseSlot) -> Instant? {
        let nanoseconds = self.load(field, slot)
        return nanoseconds == Self.never ? nil : Instant(nanoseconds: nanoseconds)
    }

    private func load(_ field: Field, _ slot: ResponseSlot) -> Int64 {
        self.fields[Self.index(field, slot)].load(ordering: .relaxed)
    }

    private func store(_ value: Int64, _ field: Field, _ slot: ResponseSlot) {
        self.fields[Self.index(field, slot)].store(value, ordering: .relaxed)
    }

    private static func index(_ field: Field, _ slot: ResponseSlot) -> Int {
        Int(slot.sequence & UInt64(Self.capacity - 1)) * Field.allCases.count + field.rawValue
    }
}
