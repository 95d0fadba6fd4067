import Foundation
import MessageSchema

// generate-messages [--check | --promise] [PACKAGE]: writes the Generated folders of the package (by default the current
// folder); with --check it writes nothing and exits with 1 where a byte would change, or where the schemas would break
// readers of what was promised; with --promise the schemas as they are become the promise.

var arguments = CommandLine.arguments.dropFirst()
let checks = arguments.first == "--check"
let promises = arguments.first == "--promise"
if checks || promises { arguments.removeFirst() }
guard arguments.count <= 1, arguments.first?.hasPrefix("-") != true else {
    FileHandle.standardError.write(Data("usage: generate-messages [--check | --promise] [PACKAGE]\n".utf8))
    exit(2)
}
let root = URL(fileURLWithPath: arguments.first ?? FileManager.default.currentDirectoryPath)

do {
    var differs = false
    for target in GeneratedTarget.all(packageAt: root) {
        if promises {
            if try target.promise() { print("\(target.folder.lastPathComponent): promised anew") }
            continue
        }
        for problem in try target.brokenPromises() {
            differs = true
            print("\(target.folder.lastPathComponent)/Schemas: \(problem)")
        }
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
