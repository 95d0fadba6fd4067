import ApusCore
import ClusterMetadata
import Configuration
import Replication

/// A broker's address on one listener.
struct NodeAddress {
    let id: NodeID
    let host: String
    let port: Int32
    let rack: String?
}

extension BrokerServices {
    /// The addresses of `nodes` on `listener`, each once, in ascending order; nodes that cannot be reached are left out.
    func endpoints(of nodes: [NodeID], listener: String) -> [NodeAddress] {
        let view = ListenerView(image: self.metadata.current.image, listener: listener)
        return Set(nodes).sorted().compactMap { id in
            view.endpoint(of: id).map { endpoint in
                NodeAddress(
                    id: id, host: endpoint.host, port: Int32(endpoint.port), rack: view.image.brokers[id]?.rack)
            }
        }
    }

    /// The most bytes of records in one answer to a consumer: `fetch.max.bytes`.
    var fetchBytesMax: Int { self.configuration.settings.int("fetch.max.bytes") }

    /// The in-sync replica in the reader's zone, where it should fetch from that one instead of this leader (KIP-392).
    func preferredReadReplica(of partition: Partition, rack: String, offset: Offset) -> NodeID? {
        guard self.configuration.replication.selectsReplicaByRack else { return nil }
        let image = self.metadata.current.image
        guard let state = image.partition(partition.id) else { return nil }
        let racks = state.replicas.map { ReplicaRack(id: $0, rack: image.brokers[$0]?.rack) }
        return partition.withState {
            $0.replica.preferredReadReplica(clientRack: rack, fetchOffset: offset, racks: racks)
        }
    }
}
