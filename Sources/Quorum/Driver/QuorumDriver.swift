package import ApusCore
import KafkaPrimitives
import KafkaRecords
package import KafkaStoredMessages
package import LogStorage
package import Raft

/// Takes part in the metadata quorum: gives the machine what happens, and does what it asks for, in order, with the
/// metadata log, the quorum's state file and a port to the rest. Decides nothing.
///
/// Confined to one thread, its owner's. Port calls may come back into `append`; everything else is an input of its own.
///
/// Durability: a vote or an epoch is on the disk before anyone hears of it; records are acknowledged, and count for the
/// leader, once their flush was given back. What is told as committed survives the loss of any minority of voters.
package final class QuorumDriver {
    let configuration: QuorumConfiguration
    let translator: QuorumTranslator
    let log: MetadataLog
    let port: any QuorumPort
    let scratch = CompressionScratch()
    var raft: RaftNode
    /// What the machine asked for and was not done yet.
    var effects: [RaftEffect] = []
    private var isWorking = false
    /// The driver failed and does nothing any more.
    package private(set) var isStopped = false
    /// What was asked and waits for an answer.
    var inquiries: [InboundRequestID: QuorumTranslator.Inquiry] = [:]
    /// The bytes that came with the response the machine is looking at.
    var payload = ByteSlice.empty
    private var isFlushing = false
    /// The snapshot that is being received.
    var download: SnapshotWriter?

    // What was told to the port.
    var appliedOffset: Offset = 0
    var appliedTimestamp: Timestamp = -1
    var appliedBytes: Int64 = 0
    var lastSnapshotAt: Instant
    var isSnapshotPending = false

    /// Waits for the disk: what was found in the log is flushed before it counts. Throws where the log's files contradict
    /// each other.
    package init(
        _ configuration: QuorumConfiguration, log: MetadataLog, port: any QuorumPort, seed: UInt64
    ) throws(QuorumError) {
        self.configuration = configuration
        self.translator = QuorumTranslator(
            clusterID: configuration.clusterID, localID: configuration.raft.local.id,
            endpoints: configuration.endpoints)
        self.log = log
        self.port = port
        self.lastSnapshotAt = port.now
        do throws(LogError) {
            self.raft = try Self.recovered(configuration.raft, log, wallClock: port.wallClock, seed: seed)
        } catch {
            throw .storage(error)
        }
    }

    // MARK: What is known

    /// The machine, to look at.
    package var state: RaftNode { self.raft }

    /// The offset that the next record gets.
    package var endOffset: Offset { self.raft.log.endOffset }

    /// The current epoch; the one in which this node leads, if it does.
    package var leaderEpoch: LeaderEpoch { self.raft.epoch }

    // MARK: Inputs

    /// The first input: tells the port the newest snapshot, and begins.
    package func start() {
        self.work { (driver) throws(QuorumError) in
            if let id = driver.log.latestSnapshot, id.offset > 0 {
                try driver.port.load(MetadataSnapshot(id: id, log: driver.log))
                driver.appliedOffset = id.offset
            }
            driver.effects += driver.raft.start(now: driver.port.now)
        }
    }

    /// Another node asks; the port is told the answer under `id`, exactly once.
    package func receive(_ request: QuorumRequest, id: InboundRequestID) {
        self.work { (driver) throws(QuorumError) in
            switch driver.translator.raft(request) {
            case .refused(let response):
                driver.port.respond(response, to: id)
            case .request(let request, let inquiry):
                driver.inquiries[id] = inquiry
                driver.effects += driver.raft.receive(request, id: id, now: driver.port.now)
            }
        }
    }

    /// Another node answers.
    package func receive(_ response: QuorumResponse, to id: OutboundRequestID) {
        self.work { (driver) throws(QuorumError) in
            guard let answer = driver.translator.raft(response) else {
                driver.effects += driver.raft.requestFailed(id, .noAnswer, now: driver.port.now)
                return
            }
            driver.payload = answer.payload
            driver.effects += driver.raft.receive(answer.response, to: id, now: driver.port.now)
        }
    }

    /// A request gets no answer.
    package func requestFailed(_ id: OutboundRequestID, _ failure: RequestFailure) {
        self.work { (driver) throws(QuorumError) in
            driver.effects += driver.raft.requestFailed(id, failure, now: driver.port.now)
        }
    }

    /// The node does not know the version that the request needs. One that knows no pre-vote would not refuse it.
    package func requestIsUnsupported(_ id: OutboundRequestID) {
        self.work { (driver) throws(QuorumError) in
            let header = RaftResponse.Header(error: .unsupportedVersion, leaderID: nil, epoch: driver.raft.epoch)
            driver.effects += driver.raft.receive(.vote(header, isGranted: false), to: id, now: driver.port.now)
        }
    }

    package func timerFired() {
        self.work { (driver) throws(QuorumError) in
            driver.effects += driver.raft.timerFired(now: driver.port.now)
        }
    }

    /// A flush that the port was asked for is over.
    package func flushed(_ flush: QuorumFlush, failure: LogError? = nil) {
        self.work { (driver) throws(QuorumError) in
            driver.isFlushing = false
            if let failure {
                driver.log.log.fail()
                throw .storage(failure)
            }
            driver.log.log.completeFlush(flush.log)
            driver.effects += driver.raft.flushed(flush.quorum, now: driver.port.now)
        }
    }

    /// Gives up leadership, if this node leads in `epoch`.
    package func resign(epoch: LeaderEpoch) {
        self.work { (driver) throws(QuorumError) in
            driver.effects += driver.raft.resign(epoch: epoch, now: driver.port.now)
        }
    }

    /// The process is about to end: hands leadership over. Go on with inputs until `state.isReadyToStop`, or for as long
    /// as there is time.
    package func shutdown() {
        self.work { (driver) throws(QuorumError) in
            driver.effects += driver.raft.shutdown(now: driver.port.now)
        }
    }

    /// Appends records in order: in one batch where `isAtomic`, else in as many as it takes.
    ///
    /// - Returns: the offset of the first; nil where this node leads no longer, or there are none. They are in the page
    ///   cache, and safe once they are told as committed.
    package func append(_ records: [MetadataRecord], isAtomic: Bool) -> Offset? {
        guard self.raft.isLeader, !self.isStopped, !records.isEmpty else { return nil }
        let baseOffset = self.endOffset
        self.work { (driver) throws(QuorumError) in
            var rest = records[...]
            while !rest.isEmpty {
                let count = isAtomic ? rest.count : min(rest.count, Self.batchRecordsMax)
                try driver.append(
                    MetadataBatchBuilding.batch(
                        rest.prefix(count), at: driver.endOffset, epoch: driver.leaderEpoch,
                        timestamp: driver.port.wallClock, scratch: driver.scratch))
                rest = rest.dropFirst(count)
            }
        }
        return self.isStopped ? nil : baseOffset
    }

    /// Records to a batch where they need not be together.
    private static let batchRecordsMax = 1000

    // MARK: Working

    /// Runs an input and then everything the machine asks for, unless that is being done further up: then only the input.
    func work(_ input: (QuorumDriver) throws(QuorumError) -> Void) {
        guard !self.isStopped else { return }
        do throws(QuorumError) {
            try input(self)
            guard !self.isWorking else { return }
            self.isWorking = true
            defer { self.isWorking = false }
            repeat {
                while !self.effects.isEmpty, !self.isStopped { try self.carryOut(self.effects.removeFirst()) }
                self.payload = .empty
                try self.startFlush()
                self.askForSnapshot()
            } while !self.effects.isEmpty && !self.isStopped
        } catch {
            self.isStopped = true
            self.effects.removeAll()
            self.port.failed(error)
        }
    }

    /// One flush at a time: what is appended meanwhile is the next one's.
    private func startFlush() throws(QuorumError) {
        guard self.raft.needsFlush, !self.isFlushing else { return }
        do throws(LogError) {
            let ticket = self.raft.flushTicket
            guard let flush = try self.log.log.prepareFlush() else {
                self.effects += self.raft.flushed(ticket, now: self.port.now)
                return
            }
            self.isFlushing = true
            self.port.perform(QuorumFlush(quorum: ticket, log: flush))
        } catch {
            throw .storage(error)
        }
    }
}
