import Configuration
import FileSystem
import KafkaPrimitives
import Networking

/// How to reach a cluster, from a file of Kafka's client settings (`--command-config`): the security protocol, and keys
/// and certificates in PEM or PKCS12. Other settings, which belong to clients of other kinds, are left alone.
struct ClientProperties {
    private let properties: Properties
    private let file: String

    init(file: String) throws {
        self.file = file
        do {
            guard let bytes = try PosixFileSystem().contents(of: file, maxBytes: PropertyFile.bytesMax) else {
                throw CommandFailure("\(file): there is no such file")
            }
            let text = bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
            self.properties = try PropertyFile.parse(text, file: file)
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw CommandFailure("\(file): \(error)")
        }
    }

    /// The TLS side; nil where the file asks for none.
    func tls() throws -> TLSConfiguration? {
        switch self["security.protocol"]?.uppercased() ?? "PLAINTEXT" {
        case "PLAINTEXT": return nil
        case "SSL": break
        case let other:
            throw CommandFailure("\(self.file): security.protocol is \(other); PLAINTEXT and SSL are supported")
        }
        var tls = TLSConfiguration()
        tls.trust = try self.trust()
        tls.identity = try self.identity()
        // Kafka's default is https; an empty value turns the check off.
        tls.checksHost = (self["ssl.endpoint.identification.algorithm"] ?? "https").lowercased() == "https"
        return tls
    }

    private subscript(key: String) -> String? { self.properties[key]?.value }

    private func trust() throws -> TLSConfiguration.Trust {
        if let certificates = self["ssl.truststore.certificates"] { return .pem(certificates) }
        guard let path = self["ssl.truststore.location"] else { return .system }
        switch try self.type("ssl.truststore.type") {
        case .pem: return .pemFile(path: path)
        case .pkcs12: return .pkcs12File(path: path, password: self["ssl.truststore.password"] ?? "")
        }
    }

    private func identity() throws -> TLSConfiguration.Identity? {
        let password = self["ssl.key.password"]
        if let chain = self["ssl.keystore.certificate.chain"] {
            guard let key = self["ssl.keystore.key"] else {
                throw CommandFailure("\(self.file): ssl.keystore.certificate.chain needs ssl.keystore.key beside it")
            }
            return .pem(chain: chain, key: key, password: password)
        }
        guard let path = self["ssl.keystore.location"] else { return nil }
        switch try self.type("ssl.keystore.type") {
        case .pem: return .pemFile(path: path, password: password)
        case .pkcs12: return .pkcs12File(path: path, password: self["ssl.keystore.password"] ?? "")
        }
    }

    private enum StoreType {
        case pem, pkcs12
    }

    private func type(_ key: String) throws -> StoreType {
        switch self[key]?.uppercased() ?? "JKS" {
        case "PEM": return .pem
        case "PKCS12": return .pkcs12
        case let other: throw CommandFailure("\(self.file): \(key) is \(other); PEM and PKCS12 are supported")
        }
    }
}
