import ApusCore
import Broker
import Testing

@Suite("Lifecycle of a broker")
struct BrokerLifecycleTests {
    static let timing = BrokerLifecycle.Timing(heartbeatInterval: .seconds(2), leaveTimeout: .seconds(10))
    static let start = Instant(nanoseconds: 0)
    static let impatient = BrokerLifecycle.Effect.setTimer(start + .milliseconds(20))

    /// A lifecycle that has registered under epoch 7 and waits for the answer to its first heartbeat.
    static func registered() -> BrokerLifecycle {
        var lifecycle = BrokerLifecycle(timing: Self.timing)
        _ = lifecycle.controllerConnected(now: Self.start)
        _ = lifecycle.registrationAnswered(.noError, epoch: 7, now: Self.start)
        return lifecycle
    }

    static func running() -> BrokerLifecycle {
        var lifecycle = Self.registered()
        _ = lifecycle.logsLoaded(now: Self.start)
        _ = lifecycle.heartbeatAnswered(.noError, isFenced: false, shouldShutDown: false, now: Self.start)
        return lifecycle
    }

    @Test("it registers as soon as there is a controller, and beats at once with the epoch it was given")
    func registration() {
        var lifecycle = BrokerLifecycle(timing: Self.timing)
        #expect(lifecycle.logsLoaded(now: Self.start) == [])
        #expect(lifecycle.controllerConnected(now: Self.start) == [.sendRegistration])
        #expect(
            lifecycle.registrationAnswered(.noError, epoch: 7, now: Self.start) == [
                .registered(7),
                .sendHeartbeat(epoch: 7, metadataOffset: -1, wantFence: false, wantShutDown: false),
            ])
        #expect(lifecycle.phase == .fenced(7))
    }

    @Test("it wants to stay fenced until its logs are loaded")
    func fencedUntilReady() {
        var lifecycle = BrokerLifecycle(timing: Self.timing)
        _ = lifecycle.controllerConnected(now: Self.start)
        #expect(
            lifecycle.registrationAnswered(.noError, epoch: 7, now: Self.start).last
                == .sendHeartbeat(epoch: 7, metadataOffset: -1, wantFence: true, wantShutDown: false))
    }

    @Test("a registration that the session of a killed process still blocks is tried again")
    func duplicateRegistration() {
        var lifecycle = BrokerLifecycle(timing: Self.timing)
        _ = lifecycle.controllerConnected(now: Self.start)
        #expect(
            lifecycle.registrationAnswered(.duplicateBrokerRegistration, epoch: .unknown, now: Self.start)
                == [Self.impatient])
        #expect(lifecycle.timerFired(now: Self.start) == [.sendRegistration])
    }

    @Test("a registration in another cluster ends the broker")
    func wrongCluster() {
        var lifecycle = BrokerLifecycle(timing: Self.timing)
        _ = lifecycle.controllerConnected(now: Self.start)
        #expect(
            lifecycle.registrationAnswered(.inconsistentClusterID, epoch: .unknown, now: Self.start)
                == [.fail(.inconsistentClusterID)])
        #expect(lifecycle.phase == .ended)
    }

    @Test("while fenced every step of the metadata makes it ask again, one request at a time")
    func catchingUp() {
        var lifecycle = Self.registered()
        #expect(lifecycle.metadataApplied(5, now: Self.start) == [])
        #expect(
            lifecycle.heartbeatAnswered(.noError, isFenced: true, shouldShutDown: false, now: Self.start)
                == [Self.impatient])
        #expect(
            lifecycle.metadataApplied(9, now: Self.start)
                == [.sendHeartbeat(epoch: 7, metadataOffset: 9, wantFence: true, wantShutDown: false)])
    }

    @Test("a controller that forgot the registration makes it register anew")
    func staleEpoch() {
        var lifecycle = Self.running()
        _ = lifecycle.timerFired(now: Self.start)
        #expect(
            lifecycle.heartbeatAnswered(.staleBrokerEpoch, isFenced: false, shouldShutDown: false, now: Self.start)
                == [.sendRegistration])
        #expect(lifecycle.phase == .unregistered)
    }

    @Test("leaving asks until the controller lets it go")
    func controlledShutdown() {
        var lifecycle = Self.running()
        #expect(
            lifecycle.shutdownRequested(now: Self.start) == [
                .sendHeartbeat(epoch: 7, metadataOffset: -1, wantFence: false, wantShutDown: true), Self.impatient,
            ])
        #expect(
            lifecycle.heartbeatAnswered(.noError, isFenced: false, shouldShutDown: false, now: Self.start)
                == [Self.impatient])
        _ = lifecycle.timerFired(now: Self.start)
        #expect(
            lifecycle.heartbeatAnswered(.noError, isFenced: true, shouldShutDown: true, now: Self.start)
                == [.end(clean: true)])
    }

    @Test("leaving without an answer ends in time")
    func leaveTimeout() {
        var lifecycle = Self.running()
        _ = lifecycle.shutdownRequested(now: Self.start)
        #expect(lifecycle.timerFired(now: Self.start + .seconds(10)) == [.end(clean: false)])
    }

    @Test("without a controller there is nobody to move leadership to, and leaving ends soon")
    func leaveWithoutController() {
        var lifecycle = Self.running()
        _ = lifecycle.shutdownRequested(now: Self.start)
        #expect(lifecycle.controllerLost(now: Self.start) == [Self.impatient])
        #expect(lifecycle.timerFired(now: Self.start) == [Self.impatient])
        #expect(lifecycle.timerFired(now: Self.start + .seconds(2)) == [.end(clean: true)])
    }

    @Test("a lost connection makes an outstanding request void")
    func reconnect() {
        var lifecycle = Self.registered()
        #expect(lifecycle.controllerLost(now: Self.start) == [])
        #expect(
            lifecycle.controllerConnected(now: Self.start)
                == [.sendHeartbeat(epoch: 7, metadataOffset: -1, wantFence: true, wantShutDown: false)])
    }

    @Test("a failed log directory is told at once, or as soon as the heartbeat under way is answered")
    func failedDirectory() {
        var lifecycle = Self.running()
        let beat = BrokerLifecycle.Effect.sendHeartbeat(
            epoch: 7, metadataOffset: -1, wantFence: false, wantShutDown: false)
        #expect(lifecycle.directoriesFailed(now: Self.start) == [beat])
        #expect(lifecycle.directoriesFailed(now: Self.start) == [])
        #expect(
            lifecycle.heartbeatAnswered(.noError, isFenced: false, shouldShutDown: false, now: Self.start) == [beat])
        #expect(
            lifecycle.heartbeatAnswered(.noError, isFenced: false, shouldShutDown: false, now: Self.start)
                == [.setTimer(Self.start + .seconds(2))])
    }
}
