import Glibc

/// Lets one thread wait until others have signalled.
final class ThreadSignal: @unchecked Sendable {
    // Unchecked: the pointer never changes, and a semaphore is made for use by several threads.
    private let semaphore: UnsafeMutablePointer<sem_t>

    init() {
        self.semaphore = .allocate(capacity: 1)
        self.semaphore.initialize(to: sem_t())
        let result = sem_init(self.semaphore, 0, 0)
        precondition(result == 0, "a semaphore with a count of 0 can always be made")
    }

    deinit {
        sem_destroy(self.semaphore)
        self.semaphore.deallocate()
    }

    func signal() { sem_post(self.semaphore) }

    func wait() {
        while sem_wait(self.semaphore) != 0 {}
    }
}
