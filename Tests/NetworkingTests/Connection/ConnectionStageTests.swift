import Networking
import Testing

@Suite("Connection stage")
struct ConnectionStageTests {
    @Test("every security protocol goes through its own steps and no others")
    func steps() {
        var plain = ConnectionStage(usesTLS: false, usesSASL: false)
        #expect(plain.begin() == .reportOpened)
        #expect(plain.stage == .open)
        var ssl = ConnectionStage(usesTLS: true, usesSASL: false)
        #expect(ssl.begin() == .beginHandshake)
        #expect(ssl.secured() == .reportOpened)
        var sasl = ConnectionStage(usesTLS: false, usesSASL: true)
        #expect(sasl.begin() == .beginAuthentication)
        #expect(sasl.authenticated() == .reportOpened)
        var both = ConnectionStage(usesTLS: true, usesSASL: true)
        #expect(both.begin() == .beginHandshake)
        #expect(both.secured() == .beginAuthentication)
        #expect(both.stage == .authenticating)
        #expect(both.authenticated() == .reportOpened)
        #expect(both.stage == .open)
    }

    @Test("the handler learns only of the end of what it saw open, once")
    func closing() {
        var open = ConnectionStage(usesTLS: false, usesSASL: false)
        _ = open.begin()
        #expect([open.close(), open.close()] == [.reportClosed, .ignore])
        var fresh = ConnectionStage(usesTLS: true, usesSASL: true)
        #expect(fresh.close() == .reportFailedHandshake)
        var securing = ConnectionStage(usesTLS: true, usesSASL: false)
        _ = securing.begin()
        #expect(securing.close() == .reportFailedHandshake)
        var authenticating = ConnectionStage(usesTLS: false, usesSASL: true)
        _ = authenticating.begin()
        #expect(authenticating.close() == .reportFailedHandshake)
    }

    @Test("what comes after the end changes nothing, nor does a second authentication")
    func late() {
        var securing = ConnectionStage(usesTLS: true, usesSASL: false)
        _ = securing.begin()
        _ = securing.close()
        #expect(securing.secured() == .ignore)
        #expect(securing.authenticated() == .ignore)
        var open = ConnectionStage(usesTLS: false, usesSASL: true)
        _ = open.begin()
        _ = open.authenticated()
        #expect(open.authenticated() == .ignore)
        #expect(open.stage == .open)
    }
}
