import ApusCore
import EventLoop
import Networking

/// Looks after requests to leaders: where one is late, because the leader hangs or the network swallows everything, it
/// asks another broker whether the leader still is the leader, and gives the connection up once it is not. Only on the
/// loop.
final class LateRequestWatch {
    private struct Entry {
        let channel: RequestChannel
        let lateAt: Instant
        let hasMoved: () -> Bool
    }

    private unowned let cluster: ClusterClient
    private var entries: [Int: Entry] = [:]
    private var nextID = 0
    private var timer: TimerID?

    private static let interval = Interval.milliseconds(250)

    init(cluster: ClusterClient) {
        self.cluster = cluster
    }

    /// A request was sent that is late after `patience`.
    ///
    /// - Parameter hasMoved: whether some partition of the request has another leader by now.
    /// - Returns: what `remove` takes.
    func add(_ channel: RequestChannel, patience: Interval, hasMoved: @escaping () -> Bool) -> Int {
        self.nextID += 1
        self.entries[self.nextID] = Entry(
            channel: channel, lateAt: self.cluster.loop.now + patience, hasMoved: hasMoved)
        if self.timer == nil { self.schedule() }
        return self.nextID
    }

    /// The request has ended.
    func remove(_ id: Int) {
        self.entries[id] = nil
    }

    private func schedule() {
        self.timer = self.cluster.loop.schedule(after: Self.interval) { [weak self] in
            self?.timer = nil
            self?.check()
        }
    }

    private func check() {
        guard !self.entries.isEmpty else { return }
        let now = self.cluster.loop.now
        let late = self.entries.sorted { $0.key < $1.key }.map(\.value).filter { $0.lateAt <= now }
        for entry in late where entry.hasMoved() {
            entry.channel.reset("another broker leads what the request was for")
        }
        if !late.isEmpty {
            self.cluster.questions.areLate(Set(late.map(\.channel.peer)))
            self.cluster.requestRefresh()
        }
        self.schedule()
    }
}
