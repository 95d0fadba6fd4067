import ApusCore
import ClusterMetadata
import Configuration
import Controller
import EventLoop
import KafkaProtocol
import Networking
import Telemetry

/// Registers this controller with the active one, itself included, and again when what the metadata says of it is not
/// so any more: after a restart, or with other listeners or features. Lives on the control loop.
///
/// ControllerRegistration (70) 0.
final class ControllerRegistrar: @unchecked Sendable {
    // Unchecked: everything is touched on the control loop only; every entry point asserts that.

    private let channel: ControllerChannel
    private let log: Logger
    private var presence: ControllerPresence

    /// How long a registration waits for a controller before it is made anew.
    private static let timeout = Interval.seconds(5)

    init(registration: ControllerRegistration, channel: ControllerChannel, log: Logger) {
        self.presence = ControllerPresence(registration: registration)
        self.channel = channel
        self.log = log
    }

    func metadataApplied(_ image: MetadataImage) {
        self.channel.loop.assertInEventLoop()
        self.perform(
            self.presence.metadataApplied(
                image.controllers[self.presence.registration.id],
                isSupported: (image.metadataVersion ?? .oldest) >= .controllerRegistration))
    }

    private func perform(_ effects: [ControllerPresence.Effect]) {
        for effect in effects {
            switch effect {
            case .sendRegistration: self.send()
            case .setTimer(let interval):
                _ = self.channel.loop.schedule(after: interval) { [weak self] in
                    guard let self else { return }
                    self.perform(self.presence.timerFired())
                }
            case .registered: self.log.info("registered as a controller", [:])
            }
        }
    }

    private func send() {
        let request = self.presence.registration.request
        self.channel.perform(timeout: Self.timeout) { channel, _ in
            channel.send(request, timeout: Self.timeout) { result in
                switch result {
                case .success(let response) where response.errorCode == .noError:
                    self.answered(isAccepted: true)
                case .success(let response):
                    self.log.debug("cannot register as a controller", ["error": LogValue(response.errorCode)])
                    self.answered(isAccepted: false)
                case .failure(let error):
                    self.log.debug("cannot register as a controller", ["error": LogValue("\(error)")])
                    self.answered(isAccepted: false)
                }
            }
        } expired: {
            self.answered(isAccepted: false)
        }
    }

    private func answered(isAccepted: Bool) {
        self.channel.loop.assertInEventLoop()
        self.perform(self.presence.answered(isAccepted: isAccepted))
    }
}

extension ControllerRegistration {
    /// What this process of a controller is.
    init(of configuration: BrokerConfiguration, incarnationID: KafkaUUID) {
        let endpoints = configuration.listeners.advertisedController.map { listener in
            Endpoint(
                name: listener.name,
                // Without a host it listens everywhere; the quorum knows by which name it is reached.
                host: listener.host.isEmpty
                    ? configuration.quorum.voters.first { $0.id == configuration.nodeID }?.endpoint.host ?? ""
                    : listener.host,
                port: listener.port, securityProtocol: listener.securityProtocol.rawValue)
        }
        self.init(
            id: configuration.nodeID, incarnationID: incarnationID, endpoints: endpoints.sorted { $0.name < $1.name },
            features: SupportedFeatures.ranges)
    }

    fileprivate var request: ControllerRegistrationRequest {
        var request = ControllerRegistrationRequest()
        request.controllerId = self.id
        request.incarnationId = self.incarnationID
        request.zkMigrationReady = self.isZKMigrationReady
        request.listeners = self.endpoints.map { endpoint in
            var listener = ControllerRegistrationRequest.Listener()
            listener.name = endpoint.name
            listener.host = endpoint.host
            listener.port = endpoint.port
            listener.securityProtocol = endpoint.securityProtocol
            return listener
        }
        request.features = self.features.sorted { $0.key < $1.key }.map { name, range in
            var feature = ControllerRegistrationRequest.Feature()
            feature.name = name
            feature.minSupportedVersion = range.min
            feature.maxSupportedVersion = range.max
            return feature
        }
        return request
    }
}
