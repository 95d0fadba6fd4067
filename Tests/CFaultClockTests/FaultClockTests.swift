import Glibc
import Testing

@Suite("A clock at fault")
struct FaultClockTests {
    /// All that tells the time of day, with the clock it is compared with.
    private static let timesOfDay: [(name: String, clock: clockid_t)] = [
        ("realtime", CLOCK_REALTIME), ("realtime-coarse", CLOCK_REALTIME), ("tai", CLOCK_TAI),
        ("gettimeofday", CLOCK_REALTIME), ("time", CLOCK_REALTIME),
    ]
    private static let others: [(name: String, clock: clockid_t)] = [
        ("monotonic", CLOCK_MONOTONIC), ("monotonic-coarse", CLOCK_MONOTONIC), ("boottime", CLOCK_BOOTTIME),
    ]
    /// `time` tells whole seconds, and a busy machine takes its time to answer.
    private static let tolerance = 60.0

    private static func with(_ body: (ProbedClock) throws -> Void) throws {
        let clock = try ProbedClock()
        try body(clock)
        try clock.end()
    }

    private static func expect(shift: Double, _ clock: ProbedClock) throws {
        for (name, id) in Self.timesOfDay {
            let difference = try clock.difference(name, from: id)
            #expect(abs(difference - shift) < Self.tolerance, "\(name) is \(difference) s ahead")
        }
        for (name, id) in Self.others {
            #expect(abs(try clock.difference(name, from: id)) < Self.tolerance, "\(name)")
        }
    }

    @Test("tells the time as it is while its control file is absent, empty, or not named")
    func none() throws {
        for hasControl in [true, false] {
            let clock = try ProbedClock(hasControl: hasControl)
            try Self.expect(shift: 0, clock)
            try clock.ask("")
            try Self.expect(shift: 0, clock)
            try clock.end()
        }
    }

    @Test("jumps ahead and back, and no monotonic clock does", arguments: [3600.0, -3600.0, 86_400.0, -86_400.0])
    func jump(seconds: Double) throws {
        try Self.with { clock in
            try Self.expect(shift: 0, clock)
            try clock.ask("shift \(Int(seconds * 1000))\n")
            try Self.expect(shift: seconds, clock)
            try clock.ask("# in order\nshift 0\n")
            try Self.expect(shift: 0, clock)
            try clock.ask("# again\nshift \(Int(seconds * 1000))\n")
            try Self.expect(shift: seconds, clock)
            try clock.removeControl()
            try Self.expect(shift: 0, clock)
        }
    }

    @Test("is wrong from the start where its control file says so")
    func start() throws {
        let clock = try ProbedClock(text: "shift 3600000\n")
        try Self.expect(shift: 3600, clock)
        try clock.end()
    }

    @Test("may be wrong by parts of a second, and what it tells is a time like any other", arguments: [999, -999])
    func parts(milliseconds: Int64) throws {
        try Self.with { clock in
            try clock.ask("shift \(milliseconds)\n")
            // Almost every moment of a second has to be carried over its end, or back over its beginning.
            let differences = try (0..<100).map { _ in try clock.difference("realtime", from: CLOCK_REALTIME) }
            let nearest = differences.map { abs($0 - Double(milliseconds) / 1000) }.min() ?? .infinity
            #expect(nearest < 0.5, "\(differences)")
            #expect(differences.allSatisfy { abs($0) < Self.tolerance })
        }
    }

    @Test("does nothing by a control file that is not understood")
    func notUnderstood() throws {
        try Self.with { clock in
            for text in [
                "3600000", "shift", "shift ", "shift 1h", "shift 3600000 now", "shift 99999999999999", "jump 1",
            ] {
                try clock.ask("shift -3600000\n")
                try Self.expect(shift: -3600, clock)
                try clock.ask(text + "\n")
                try Self.expect(shift: 0, clock)
            }
        }
    }

    @Test("leaves errno alone, and clocks of other kinds and errors as they are")
    func others() throws {
        try Self.with { clock in
            try clock.ask("shift 3600000\n")
            for (name, _) in Self.timesOfDay + Self.others { #expect(try clock.tell(name).error == 77, "\(name)") }
            try clock.removeControl()
            // The control file is looked at, and not there.
            for (name, _) in Self.timesOfDay { #expect(try clock.tell(name).error == 77, "\(name)") }
            #expect(try clock.tell("process").nanoseconds < 60_000_000_000)
            #expect(try clock.tell("unknown") == (0, EINVAL))
        }
    }
}
