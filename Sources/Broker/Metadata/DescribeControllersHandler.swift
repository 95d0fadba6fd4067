import ApusCore
import ClusterMetadata
import KafkaProtocol
import Networking

/// DescribeCluster, key 60, versions 0-2, on a controller's listener: the controllers of the cluster (KIP-919).
///
/// Controllers that have no listener of this name are left out. Version 0 cannot ask for controllers, so it is refused
/// as a request that came to the wrong place; so is every later one that asks for brokers.
struct DescribeControllersHandler: Sendable {
    let metadata: PublishedMetadata
    let clusterID: String

    func handle(_ request: Request) throws {
        let message = try request.decode(DescribeClusterRequest.self)
        let snapshot = self.metadata.current
        var response = DescribeClusterResponse()
        response.clusterId = self.clusterID
        response.endpointType = message.endpointType
        switch message.endpointType {
        case ClusterEndpointType.controllers
        where (snapshot.image.metadataVersion ?? .oldest) < .controllerRegistration:
            response.errorCode = .unsupportedVersion
            response.errorMessage =
                "Direct-to-controller communication is not supported with the current MetadataVersion."
        case ClusterEndpointType.controllers:
            response.controllerId = snapshot.controller
            response.brokers = Self.controllers(snapshot.image, listener: request.connection.listenerName)
        case ClusterEndpointType.brokers:
            response.errorCode = .mismatchedEndpointType
            response.errorMessage =
                "The request was sent to an endpoint of type CONTROLLER, but we wanted an endpoint of type BROKER"
        default:
            response.errorCode = .unsupportedEndpointType
            response.errorMessage = "Unsupported endpoint type \(message.endpointType)"
        }
        if message.includeClusterAuthorizedOperations {
            response.clusterAuthorizedOperations = AuthorizedOperations.cluster
        }
        request.respond(response)
    }

    private static func controllers(
        _ image: MetadataImage, listener: String
    ) -> [DescribeClusterResponse.DescribeClusterBroker] {
        image.controllers.values.sorted { $0.id < $1.id }.compactMap { controller in
            controller.endpoints.first { $0.name == listener }.map { endpoint in
                var answer = DescribeClusterResponse.DescribeClusterBroker()
                answer.brokerId = controller.id
                answer.host = endpoint.host
                answer.port = Int32(endpoint.port)
                return answer
            }
        }
    }
}
