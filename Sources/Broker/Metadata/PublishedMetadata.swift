package import ApusCore
package import ClusterMetadata
import Synchronization

/// The newest committed metadata that this node knows, published for request handlers.
///
/// A handler takes `current` once and answers from it, so one answer never mixes two states.
package final class PublishedMetadata: Sendable {
    /// An image with the offset up to which it holds the metadata log. Immutable, so sharing it costs one reference.
    package final class Snapshot: Sendable {
        package let image: MetadataImage
        /// The offset after the last record in `image`.
        package let endOffset: Offset
        /// The node that leads the metadata quorum as far as this node knows, none during an election.
        package let controller: NodeID

        package init(image: MetadataImage, endOffset: Offset, controller: NodeID) {
            self.image = image
            self.endOffset = endOffset
            self.controller = controller
        }
    }

    private let snapshot: Mutex<Snapshot>

    package init() {
        self.snapshot = Mutex(Snapshot(image: MetadataImage(), endOffset: 0, controller: .none))
    }

    package var current: Snapshot { self.snapshot.withLock { $0 } }

    package func publish(_ snapshot: Snapshot) {
        self.snapshot.withLock { $0 = snapshot }
    }
}
