/// How many bytes a connection waits for before it reads: within a large frame several packets' worth, since nothing
/// can be done before the whole frame is there.
package enum LowWaterMark {
    /// Whatever there is.
    package static let anything = 1
    /// The most that is waited for: a piece that stays in a core's cache between the kernel's copy and the next.
    package static let largest = 256 * 1024
    /// Less than that is not worth the call.
    package static let smallest = 64 * 1024

    /// What to wait for where `missing` bytes of the frame at hand have not been received.
    package static func bytes(missing: Int) -> Int {
        missing < self.smallest ? self.anything : min(missing, self.largest)
    }
}
