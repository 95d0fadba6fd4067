import Foundation
import MessageSchema

// generate-messages [--check] [PACKAGE]: writes the Generated folders of the package (by default the current
// folder); with --check it writes nothing and exits with 1 where a byte would change.

var arguments = CommandLine.arguments.dropFirst()
let checks = arguments.first == "--check"
if checks { arguments.removeFirst() }
guard arguments.count <= 1, arguments.first?.hasPrefix("-") != true else {
    FileHandle.standardError.write(Data("usage: generate-messages [--check] [PACKAGE]\n".utf8))
    exit(2)
}
let root = URL(fileURLWithPath: arguments.first ?? FileManager.default.currentDirectoryPath)

do {
    var differs = false
    for target in GeneratedTarget.all(packageAt: root) {
        for path in checks ? try target.differences() : try target.write() {
            differs = true
            print("\(target.folder.lastPathComponent)/Generated/\(path)\(checks ? " differs from its schema" : "")")
        }
    }
    exit(checks && differs ? 1 : 0)
} catch {
    FileHandle.standardError.write(Data("generate-messages: \(error)\n".utf8))
    exit(2)
}
