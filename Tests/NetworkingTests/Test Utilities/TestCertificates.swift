import Foundation

/// Certificates made with the `openssl` command in a folder that ends with this object.
final class TestCertificates: Sendable {
    private let folder: URL

    struct Failure: Error {
        var command: String
        var output: String
    }

    /// An authority, a server for `localhost` and 127.0.0.1, a client, and the client of a stranger's authority.
    init() throws {
        self.folder = FileManager.default.temporaryDirectory.appending(path: "apus-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
        try self.authority("ca", subject: "/CN=Test Authority")
        try self.authority("stranger", subject: "/CN=Stranger")
        try self.leaf("server", subject: "/CN=server", authority: "ca", alternatives: "DNS:localhost,IP:127.0.0.1")
        try self.leaf("elsewhere", subject: "/CN=elsewhere", authority: "ca", alternatives: "DNS:elsewhere.test")
        try self.leaf("client", subject: "/C=CH/O=Apus, Inc./OU=Test/CN=Zoë", authority: "ca")
        try self.leaf("foreigner", subject: "/CN=foreigner", authority: "stranger")
        try self.openssl(
            "pkcs12 -export -in client.crt -inkey client.key -certfile ca.crt -out client.p12 -passout pass:secret")
        try self.openssl("pkcs12 -export -nokeys -in ca.crt -out trust.p12 -passout pass:secret")
        try self.openssl("ec -in server.key -aes128 -passout pass:secret -out server-locked.key")
    }

    deinit {
        // A folder that stays behind in the temporary directory harms nobody.
        try? FileManager.default.removeItem(at: self.folder)
    }

    func path(_ name: String) -> String { self.folder.appending(path: name).path }

    func text(_ name: String) throws -> String { try String(contentsOfFile: self.path(name), encoding: .utf8) }

    /// A file with the key and the chain of `name`.
    func pem(_ name: String) throws -> String {
        let path = self.path("\(name).pem")
        try (self.text("\(name).key") + self.text("\(name).crt")).write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    private func authority(_ name: String, subject: String) throws {
        try self.key(name)
        try self.openssl("req -x509 -utf8 -new -key \(name).key -days 30 -out \(name).crt -subj", subject)
    }

    private func leaf(_ name: String, subject: String, authority: String, alternatives: String? = nil) throws {
        try self.key(name)
        try self.openssl("req -new -utf8 -key \(name).key -out \(name).csr -subj", subject)
        var command = "x509 -req -in \(name).csr -CA \(authority).crt -CAkey \(authority).key -CAcreateserial -days 30"
        if let alternatives {
            try "subjectAltName=\(alternatives)".write(
                toFile: self.path("\(name).ext"), atomically: true, encoding: .utf8)
            command += " -extfile \(name).ext"
        }
        try self.openssl("\(command) -out \(name).crt")
    }

    private func key(_ name: String) throws {
        try self.openssl("ecparam -name prime256v1 -genkey -noout -out \(name).key")
    }

    private func openssl(_ command: String, _ last: String? = nil) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl"] + command.split(separator: " ").map(String.init) + (last.map { [$0] } ?? [])
        process.currentDirectoryURL = self.folder
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        if process.terminationStatus != 0 { throw Failure(command: command, output: text) }
    }
}
