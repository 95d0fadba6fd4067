package import ApusCore
import FoundationEssentials
import KafkaPrimitives

/// The file `.kafka_cleanshutdown`: it is there only while nothing needs to be recovered.
///
/// Shape: `{"version":0,"brokerEpoch":N}`; older Kafka left the file empty. Source: KIP-966.
package struct CleanShutdownMark: Hashable, Sendable {
    /// The epoch of the broker that shut down; `unknown` where the file does not say.
    package var brokerEpoch: BrokerEpoch

    static let name = ".kafka_cleanshutdown"
    static let bytesMax = 4096

    package init(brokerEpoch: BrokerEpoch) {
        self.brokerEpoch = brokerEpoch
    }

    private struct Content: Codable {
        var version: Int
        var brokerEpoch: Int64
    }

    func encode() -> [UInt8] {
        Array("{\"version\":0,\"brokerEpoch\":\(self.brokerEpoch)}".utf8)
    }

    init(_ bytes: ByteSlice) {
        do {
            let content = try JSONDecoder().decode(Content.self, from: Data(bytes.array))
            self.brokerEpoch = BrokerEpoch(content.brokerEpoch)
        } catch {
            // The file's presence is what counts; an epoch that cannot be read is an unknown one.
            self.brokerEpoch = .unknown
        }
    }
}
