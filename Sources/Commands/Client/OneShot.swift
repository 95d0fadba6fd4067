import Dispatch
import Synchronization

/// A value that one thread waits for and another gives, once; what is given later is dropped.
final class OneShot<Value: Sendable>: Sendable {
    private let value = Mutex<Value?>(nil)
    private let given = DispatchSemaphore(value: 0)

    func give(_ value: Value) {
        let isFirst = self.value.withLock { slot in
            guard slot == nil else { return false }
            slot = value
            return true
        }
        if isFirst { self.given.signal() }
    }

    /// Waits until the value is there.
    func wait() -> Value {
        while true {
            if let value = self.value.withLock({ $0 }) { return value }
            self.given.wait()
        }
    }

    /// Waits for so many seconds at most; nil where that was not long enough.
    func wait(seconds: Double) -> Value? {
        if let value = self.value.withLock({ $0 }) { return value }
        // The result says no more than looking at the value does.
        _ = self.given.wait(timeout: .now() + seconds)
        return self.value.withLock { $0 }
    }
}

extension OneShot {
    /// Does something asynchronous and waits for it. Only for the program's main thread.
    static func run(_ body: @escaping @Sendable () async throws -> Value) throws -> Value
    where Value: Sendable {
        let result = OneShot<Result<Value, any Error>>()
        Task.detached {
            do {
                result.give(.success(try await body()))
            } catch {
                result.give(.failure(error))
            }
        }
        return try result.wait().get()
    }
}
