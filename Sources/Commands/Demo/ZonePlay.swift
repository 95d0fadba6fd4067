import ApusCore
import Foundation
import Glibc
import LocalCluster

/// The course of the zones' demonstration: all is well, a zone is lost, all partitions are writable, the zone is started
/// again, all replicas are in sync.
struct ZonePlay {
    private enum Act: Equatable {
        case waiting
        case well
        case lost
        case writable
        case returning
        case whole
    }

    /// The zone comes back so long after its loss at the latest.
    private static let absenceMax = Duration.seconds(4)
    /// How long replicas may take to be in sync again after the last record was written.
    private static let returnMax = Duration.seconds(20)

    private let cluster: LocalCluster
    private let writer: DemoWriter
    private let surveyor: ZoneSurveyor
    private let terminal: Terminal
    private let began = ContinuousClock.now
    private var act = Act.waiting
    private var lostZone: ZonePicture.Zone?
    private var actBegan = ContinuousClock.now
    private var answersAtChange = 0

    init(cluster: LocalCluster, writer: DemoWriter, surveyor: ZoneSurveyor, terminal: Terminal) {
        self.cluster = cluster
        self.writer = writer
        self.surveyor = surveyor
        self.terminal = terminal
    }

    /// Looks how far it is, and does what is next.
    mutating func advance() throws {
        let progress = self.writer.progress()
        switch self.act {
        case .waiting:
            guard self.surveyor.answers > 0 else { break }
            self.tell("all zones are up")
            self.showZones()
            self.enter(.well)
        case .well:
            guard progress.ended >= self.writer.recordCount / 4 else { break }
            try self.loseZone()
        case .lost:
            // The picture is shown once it is of a moment after the last partition's return.
            guard let all = progress.recovery?.untilAll else { break }
            if self.answersAtChange == 0 { self.answersAtChange = self.surveyor.answers }
            guard self.surveyor.answers >= self.answersAtChange + 2 else { break }
            self.tell(
                String(
                    format: "every partition is writable again, %.0f ms after the loss",
                    PerfReport.milliseconds(all)))
            self.showZones()
            self.enter(.writable, since: self.actBegan)
        case .writable:
            let isLate = self.actBegan + Self.absenceMax < .now
            guard isLate || progress.ended >= self.writer.recordCount * 6 / 10 else { break }
            try self.returnZone()
        case .returning:
            guard self.isWhole else { break }
            self.tell("every replica is in sync again")
            self.showZones()
            self.enter(.whole)
        case .whole:
            break
        }
        self.showProgress(progress)
    }

    /// All records are written: what is left of the course is done without waiting for records.
    mutating func finish() throws {
        let deadline = ContinuousClock.now + Self.returnMax
        while self.act != .whole, ContinuousClock.now < deadline {
            if self.act == .writable { try self.returnZone() }
            try self.advance()
            if self.act == .lost, self.writer.progress().recovery?.untilAll == nil {
                // No record is left that could show the partitions' return.
                break
            }
            usleep(20_000)
        }
        self.terminal.progress("")
    }

    private var isWhole: Bool {
        let picture = self.surveyor.picture()
        return self.surveyor.answers >= self.answersAtChange + 2 && picture.fullCount == picture.partitionCount
            && picture.zones.allSatisfy { $0.runningNodes.count == $0.nodes.count }
    }

    private mutating func loseZone() throws {
        guard let zone = self.surveyor.picture().busiest else { return }
        try self.writer.watchRecovery {
            for node in zone.nodes { self.cluster.process(of: node)?.send(signal: SIGKILL) }
            for node in zone.nodes { try self.cluster.kill(node) }
        }
        self.lostZone = zone
        let nodes = zone.nodes.map(String.init).joined(separator: " and ")
        self.tell(
            "killed \(zone.name) (nodes \(nodes)) with kill -9; it led \(zone.leaderCount) of "
                + "\(DemoStage.partitionCount) partitions")
        self.enter(.lost)
        self.answersAtChange = 0
    }

    private mutating func returnZone() throws {
        guard let zone = self.lostZone else { return }
        for node in zone.nodes { try self.cluster.start(node) }
        self.tell("started \(zone.name) again")
        self.enter(.returning)
    }

    private mutating func enter(_ act: Act, since: ContinuousClock.Instant = .now) {
        self.act = act
        self.actBegan = since
        self.answersAtChange = self.surveyor.answers
    }

    private func tell(_ text: String) {
        self.terminal.progress("")
        let seconds =
            Double((ContinuousClock.now - self.began).components.attoseconds) / 1e18
            + Double((ContinuousClock.now - self.began).components.seconds)
        self.terminal.line(String(format: "%5.1f s  ", seconds) + text)
    }

    private func showZones() {
        for line in self.surveyor.picture().lines { self.terminal.line("         " + line) }
    }

    private func showProgress(_ progress: DemoWriter.Progress) {
        let count = DemoStage.partitionCount
        let writable = self.act == .lost ? progress.recovery?.writableCount ?? 0 : count
        self.terminal.progress(
            "\(self.surveyor.picture().line) | \(writable) of \(count) writable | "
                + "\(progress.ledger.verdict.acknowledged) acknowledged")
    }
}
