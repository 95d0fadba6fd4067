import Glibc

/// Lets threads wait until others have signalled: each signal lets one of them go on, whichever comes first.
package final class ThreadSignal: @unchecked Sendable {
    // Unchecked: the pointer never changes, and a semaphore is made for use by several threads.
    private let semaphore: UnsafeMutablePointer<sem_t>

    package init() {
        self.semaphore = .allocate(capacity: 1)
        self.semaphore.initialize(to: sem_t())
        let result = sem_init(self.semaphore, 0, 0)
        precondition(result == 0, "a semaphore with a count of 0 can always be made")
    }

    deinit {
        sem_destroy(self.semaphore)
        self.semaphore.deallocate()
    }

    package func signal() { sem_post(self.semaphore) }

    /// Waits for a signal that no other waiter has taken. Not on an event loop.
    package func wait() {
        while sem_wait(self.semaphore) != 0 {}
    }
}
