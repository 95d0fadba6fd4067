import COpenSSL
import CSystem
import EventLoop
import Glibc

/// One set-up of TLS, shared by the sessions that were made from it. It never changes.
final class TLSContext: @unchecked Sendable {
    // Unchecked: the library counts references to a context atomically, and nothing changes it after `init`.
    let raw: OpaquePointer
    let checksHost: Bool
    let isServer: Bool

    /// X25519 first: a handshake costs a quarter less than with P-256.
    private static let groups = "X25519:P-256:P-384:P-521"
    /// Ciphertext taken from the socket in one call at most.
    private static let readBufferBytes = 64 * 1024
    /// A file with keys or certificates is no larger.
    private static let fileBytesMax = 16 * 1024 * 1024

    /// Reads the files of `configuration`, which may wait for the disk.
    init(_ configuration: TLSConfiguration, isServer: Bool) throws(TLSError) {
        guard
            let raw = apus_tls_context(
                isServer ? 1 : 0, Self.number(configuration.versionMin), Self.number(configuration.versionMax),
                Self.groups)
        else { throw TLSContext.failure("making a TLS context") }
        self.raw = raw
        self.isServer = isServer
        self.checksHost = configuration.checksHost
        apus_tls_read_buffer(raw, Self.readBufferBytes)
        if isServer, configuration.identity == nil { throw TLSError(reason: "a TLS server needs a certificate") }
        if let identity = configuration.identity { try self.use(identity) }
        switch configuration.clientAuthentication {
        case _ where !isServer: apus_tls_verify_peer(raw, 2)
        case .none: apus_tls_verify_peer(raw, 0)
        case .requested: apus_tls_verify_peer(raw, 1)
        case .required: apus_tls_verify_peer(raw, 2)
        }
        if !isServer || configuration.clientAuthentication != .none { try self.trust(configuration.trust) }
        try self.setCiphers(configuration.cipherSuites)
    }

    deinit {
        SSL_CTX_free(self.raw)
    }

    private static func number(_ version: TLSConfiguration.Version) -> Int32 {
        switch version {
        case .tls12: TLS1_2_VERSION
        case .tls13: TLS1_3_VERSION
        }
    }

    /// `what` with the reason the library left.
    static func failure(_ what: String) -> TLSError {
        let reason = Self.reason(of: nil)
        return TLSError(reason: reason.isEmpty ? "\(what) failed" : "\(what) failed: \(reason)")
    }

    /// Why the library's last call failed, on `session` where there is one.
    static func reason(of session: OpaquePointer?) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { text in
            guard let base = text.baseAddress else { return "" }
            apus_tls_error(session, base, text.count)
            return String(cString: base)
        }
    }
}

// MARK: Keys and certificates

extension TLSContext {
    private func use(_ identity: TLSConfiguration.Identity) throws(TLSError) {
        switch identity {
        case .pem(let chain, let key, let password):
            try self.usePEM(chain: Array(chain.utf8), key: Array(key.utf8), password: password, what: "the certificate")
        case .pemFile(let path, let password):
            let text = try Self.readFile(path)
            try self.usePEM(chain: text, key: text, password: password, what: path)
        case .pkcs12File(let path, let password):
            let bytes = try Self.readFile(path)
            guard apus_tls_use_pkcs12(self.raw, bytes, Int32(bytes.count), password) == 1 else {
                throw Self.failure("loading the key and certificate of \(path)")
            }
        }
    }

    private func usePEM(chain: [UInt8], key: [UInt8], password: String?, what: String) throws(TLSError) {
        let result =
            if let password {
                apus_tls_use_pem(self.raw, chain, Int32(chain.count), key, Int32(key.count), password)
            } else {
                apus_tls_use_pem(self.raw, chain, Int32(chain.count), key, Int32(key.count), nil)
            }
        guard result == 1 else { throw Self.failure("loading the key and certificate of \(what)") }
    }

    private func trust(_ trust: TLSConfiguration.Trust) throws(TLSError) {
        let server: Int32 = self.isServer ? 1 : 0
        switch trust {
        case .system:
            guard apus_tls_use_default_trust(self.raw) == 1 else {
                throw Self.failure("loading the system's trusted certificates")
            }
        case .pem(let text):
            let bytes = Array(text.utf8)
            guard apus_tls_trust_pem(self.raw, bytes, Int32(bytes.count), server) == 1 else {
                throw Self.failure("loading the trusted certificates")
            }
        case .pemFile(let path):
            let bytes = try Self.readFile(path)
            guard apus_tls_trust_pem(self.raw, bytes, Int32(bytes.count), server) == 1 else {
                throw Self.failure("loading the trusted certificates of \(path)")
            }
        case .pkcs12File(let path, let password):
            let bytes = try Self.readFile(path)
            guard apus_tls_trust_pkcs12(self.raw, bytes, Int32(bytes.count), password, server) == 1 else {
                throw Self.failure("loading the trusted certificates of \(path)")
            }
        }
    }

    /// Suites of TLS 1.3 are set apart from the older ones.
    private func setCiphers(_ names: [String]) throws(TLSError) {
        guard !names.isEmpty else { return }
        let newer = names.filter { $0.hasPrefix("TLS_AES_") || $0.hasPrefix("TLS_CHACHA20_") }
        var older: [String] = []
        for name in names where !newer.contains(name) {
            let found = apus_tls_cipher_name(name).map { String(cString: $0) } ?? "(NONE)"
            guard found != "(NONE)" else { throw TLSError(reason: "unknown cipher suite \(name)") }
            older.append(found)
        }
        if !newer.isEmpty, SSL_CTX_set_ciphersuites(self.raw, newer.joined(separator: ":")) != 1 {
            throw Self.failure("setting the cipher suites \(newer.joined(separator: ", "))")
        }
        if !older.isEmpty, SSL_CTX_set_cipher_list(self.raw, older.joined(separator: ":")) != 1 {
            throw Self.failure("setting the cipher suites \(older.joined(separator: ", "))")
        }
    }

    private static func readFile(_ path: String) throws(TLSError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw TLSError(reason: "cannot open \(path): \(SystemError.text(of: errno))") }
        defer { _ = apus_close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 * 1024)
        while bytes.count <= Self.fileBytesMax {
            let count = chunk.withUnsafeMutableBytes { room in
                room.baseAddress.map { apus_pread(descriptor, $0, room.count, Int64(bytes.count)) } ?? 0
            }
            guard count >= 0 else {
                throw TLSError(reason: "cannot read \(path): \(SystemError.text(of: Int32(-count)))")
            }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
        }
        throw TLSError(reason: "\(path) is too large for a key or certificate file")
    }
}
