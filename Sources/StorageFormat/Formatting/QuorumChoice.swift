package import Configuration

/// How the first voters of the quorum are known.
package enum QuorumChoice: Hashable, Sendable {
    /// `controller.quorum.voters` fixes them; nothing more is said on the command line.
    case fixed
    /// `--standalone`: this node alone.
    case standalone
    /// `--initial-controllers`: these.
    case voters([InitialVoter])
    /// `--no-initial-controllers`: other nodes know.
    case none

    /// - Throws: `quorumConflict` in Kafka's words where the choice does not fit the node.
    package func check(_ configuration: BrokerConfiguration, kraftLevel: Int16?) throws(StorageFormatError) {
        let isController = configuration.roles.contains(.controller)
        let isFixed = !configuration.quorum.voters.isEmpty
        if isFixed, kraftLevel == 1 {
            throw StorageFormatError(
                .quorumConflict,
                "Cannot set kraft.version to 1 unless controller.quorum.voters is empty and one of the flags "
                    + "--standalone, --initial-controllers, or --no-initial-controllers is used. For dynamic "
                    + "controllers support, try using one of --standalone, --initial-controllers, or "
                    + "--no-initial-controllers and removing controller.quorum.voters.")
        }
        switch self {
        case .fixed:
            if isController, !isFixed {
                throw StorageFormatError(
                    .quorumConflict,
                    "Because controller.quorum.voters is not set on this controller, you must specify one of the "
                        + "following: --standalone, --initial-controllers, or --no-initial-controllers.")
            }
        case .standalone, .voters:
            if isFixed {
                throw StorageFormatError(
                    .quorumConflict,
                    "You cannot specify controller.quorum.voters and format the node with --initial-controllers or "
                        + "--standalone. If you want to use dynamic quorum, please remove controller.quorum.voters "
                        + "and specify controller.quorum.bootstrap.servers instead.")
            }
            if self == .standalone, !isController {
                throw StorageFormatError(.quorumConflict, "You can only use --standalone on a controller.")
            }
            if kraftLevel == 0 {
                throw StorageFormatError(
                    .quorumConflict, "A quorum whose voters can change needs kraft.version 1.")
            }
        case .none:
            if isFixed {
                throw StorageFormatError(
                    .quorumConflict,
                    "You cannot specify controller.quorum.voters and format the node with "
                        + "--no-initial-controllers.")
            }
        }
    }
}
