package import Foundation
package import MessageSchema

/// The layouts of all messages of a target, by name, from its checked-in schemas.
package enum SchemaLayouts {
    /// The folder of the package that `file` (a test's `#filePath`, three folders down) belongs to.
    package static func packageRoot(of file: String) -> URL {
        URL(fileURLWithPath: file).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    }

    /// `target` is the name of a target with a `Schemas` folder.
    package static func layouts(of target: String, packageAt root: URL) throws -> [String: MessageLayout] {
        var layouts: [String: MessageLayout] = [:]
        for generated in GeneratedTarget.all(packageAt: root) where generated.folder.lastPathComponent == target {
            for (_, message) in try generated.messages() { layouts[message.name] = try MessageLayout(message) }
        }
        return layouts
    }
}
