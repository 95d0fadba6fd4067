/// What can go wrong around a cluster's processes and folders, said for the person at the terminal.
package struct LocalClusterError: Error, Equatable, CustomStringConvertible {
    package enum Code: Equatable, Sendable {
        /// A file or folder could not be read or written.
        case folder
        /// A program could not be started.
        case spawn
        /// A node ended, or did not answer, within the time allowed.
        case notReady
        /// There is no cluster in the folder, or it has no such node.
        case unknownNode
        /// The cluster's folder holds something this version cannot read.
        case damagedDescription
        /// Formatting a node's storage failed.
        case format
    }

    package var code: Code
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package static func == (lhs: LocalClusterError, rhs: LocalClusterError) -> Bool {
        lhs.code == rhs.code
    }

    package var description: String { self.message }
}
