import ApusCore
import EventLoop

/// The cluster of one run with its proxy and what is known of it, as faults need it. On the run's thread.
final class RunningCluster {
    let processes: ClusterProcesses
    let proxy: LinkProxy
    let record: RunRecord
    /// When the timeline began.
    var start = MonotonicClock.now()
    private var diskFaults: [Int: [String]] = [:]

    init(processes: ClusterProcesses, proxy: LinkProxy, record: RunRecord) {
        self.processes = processes
        self.proxy = proxy
        self.record = record
    }

    var nodes: [Int] { self.processes.plan.nodes.map(\.id) }

    var view: ClusterView? { self.record.change { $0.view } }

    var secondsNow: Double { (MonotonicClock.now() - self.start).seconds }

    func isBroker(_ node: Int) -> Bool { self.processes.plan.nodes[node].isBroker }

    func note(_ text: String) {
        let note = Note(at: self.secondsNow, text: text)
        self.record.change { $0.notes.append(note) }
    }

    func kill(_ node: Int) {
        self.processes.kill(node)
        self.proxy.nodeEnded(node)
    }

    func setDiskFaults(_ lines: [String], of node: Int) throws(ChaosError) {
        guard self.diskFaults[node] ?? [] != lines else { return }
        self.diskFaults[node] = lines
        try self.processes.setDiskFaults(lines, of: node)
    }

    func selectorView(turn: Int) -> NodeSelector.View {
        var view = NodeSelector.View(nodes: self.processes.plan.nodes, turn: turn)
        guard let seen = self.view else { return view }
        view.controller = seen.controller
        for (place, partition) in self.record.partitions.enumerated() {
            let key = PartitionOutline(topic: partition.topic, index: Int(partition.partition.rawValue))
            view.leaders[key] = seen.leaders[place]
            view.replicas[key] = seen.replicas[place]
        }
        return view
    }
}
