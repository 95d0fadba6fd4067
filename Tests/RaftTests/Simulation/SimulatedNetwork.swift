import ApusCore
import Raft

/// Which process is meant: a restarted one is another.
struct Address: Hashable {
    var index: Int
    var incarnation: Int
}

enum Event {
    case request(from: Address, to: Int, OutboundRequestID, RaftRequest)
    case response(to: Address, OutboundRequestID, RaftResponse, Payload)
    case failure(to: Address, OutboundRequestID, RequestFailure)
    case timer(Address)
    case flushDone(Address, FlushTicket, StoredLog)
    case clientAppends
    case snapshotTaken
    case fault
    case restart(Int, incarnation: Int)
    case stop(Address)
}

/// What a response carries beside what the machine sees.
enum Payload: Hashable {
    case none
    case entries([Entry])
    case snapshot(Snapshot)
}

/// How bad the network is.
struct NetworkWeather: Hashable {
    var lossPercent = 0
    var duplicatePercent = 0
    /// A message that is slow arrives after others sent later.
    var slowPercent = 0
    /// A connection that breaks although both ends live.
    var resetPercent = 0
    var latency = Interval.microseconds(200)...Interval.milliseconds(2)
    var slowLatency = Interval.milliseconds(2)...Interval.milliseconds(300)

    static let fair = NetworkWeather()

    static func foul(_ random: inout SeededRandom) -> NetworkWeather {
        var weather = NetworkWeather()
        weather.lossPercent = Int.random(in: 0...10, using: &random)
        weather.duplicatePercent = Int.random(in: 0...10, using: &random)
        weather.slowPercent = Int.random(in: 0...15, using: &random)
        weather.resetPercent = Int.random(in: 0...3, using: &random)
        return weather
    }
}
