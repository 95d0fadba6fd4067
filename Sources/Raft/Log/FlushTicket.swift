package import ApusCore

/// What a flush that starts now will have made durable when it is done.
///
/// Take it before the flush starts and give it back when the flush is over. A truncation in between makes it void, so
/// that records written after the truncation are not taken for flushed.
package struct FlushTicket: Hashable, Sendable {
    package let endOffset: Offset
    let truncationCount: Int
}
