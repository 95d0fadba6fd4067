package import Configuration
import FileSystem
import KafkaPrimitives

/// A node's `server.properties`, as commands are given it.
package enum NodeConfigurationFile {
    /// Reads the file and puts `overrides` (`key=value`) over it; warnings go to the terminal.
    ///
    /// - Throws: `CommandFailure` with a line for each thing that is wrong.
    package static func load(
        _ path: String, overrides: [String] = [], terminal: Terminal
    ) throws(CommandFailure) -> BrokerConfiguration {
        let bytes: ByteSlice?
        do {
            bytes = try PosixFileSystem().contents(of: path, maxBytes: PropertyFile.bytesMax)
        } catch {
            throw CommandFailure("\(path): \(error)")
        }
        guard let bytes else { throw CommandFailure("\(path): there is no such file") }
        do {
            let text = bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
            var properties = try PropertyFile.parse(text, file: path)
            for override in overrides { try properties.override(override) }
            let configuration = try BrokerConfiguration(properties: properties)
            for warning in configuration.warnings { terminal.complain("warning: \(warning)") }
            return configuration
        } catch {
            throw CommandFailure("\(error)")
        }
    }
}
