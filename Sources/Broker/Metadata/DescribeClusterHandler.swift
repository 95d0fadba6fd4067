import ApusCore
import ClusterMetadata
import KafkaProtocol
import Networking

/// DescribeCluster, key 60, versions 0-2, on a broker's listener: the brokers of the cluster.
///
/// 1: endpoint type. 2: fenced brokers, where asked for.
struct DescribeClusterHandler: Sendable {
    let broker: BrokerServices

    func handle(_ request: Request) throws {
        let message = try request.decode(DescribeClusterRequest.self)
        let snapshot = self.broker.metadata.current
        var response = DescribeClusterResponse()
        response.clusterId = self.broker.clusterID
        response.endpointType = message.endpointType
        if message.endpointType == ClusterEndpointType.brokers {
            self.describeBrokers(snapshot, message, request, &response)
        } else if message.endpointType == ClusterEndpointType.controllers {
            response.errorCode = .mismatchedEndpointType
            response.errorMessage =
                "The request was sent to an endpoint of type BROKER, but we wanted an endpoint of type CONTROLLER"
        } else {
            response.errorCode = .unsupportedEndpointType
            response.errorMessage = "Unsupported endpoint type \(message.endpointType)"
        }
        if message.includeClusterAuthorizedOperations {
            response.clusterAuthorizedOperations = AuthorizedOperations.cluster
        }
        request.respond(response)
    }

    private func describeBrokers(
        _ snapshot: PublishedMetadata.Snapshot, _ message: DescribeClusterRequest, _ request: Request,
        _ response: inout DescribeClusterResponse
    ) {
        let view = ListenerView(image: snapshot.image, listener: request.connection.listenerName)
        var random = SeededRandom(seed: self.broker.seeds.next())
        response.controllerId = view.brokerForController(random: &random)
        for id in snapshot.image.brokerIDs {
            guard let registration = snapshot.image.brokers[id],
                !registration.isFenced || message.includeFencedBrokers,
                let endpoint = registration.endpoint(listener: view.listener)
            else { continue }
            var answer = DescribeClusterResponse.DescribeClusterBroker()
            answer.brokerId = id
            answer.host = endpoint.host
            answer.port = Int32(endpoint.port)
            answer.rack = registration.rack
            answer.isFenced = registration.isFenced
            response.brokers.append(answer)
        }
    }
}

/// Whom DescribeCluster is asked for; each kind of node knows its own.
enum ClusterEndpointType {
    static let brokers: Int8 = 1
    static let controllers: Int8 = 2
}
