/// One who watches a world and knows what must hold: after every event, of what the event has changed, and at the end.
///
/// A new part of the product joins by a check of its own (and a `Workload` that gives it something to see).
package protocol Check: AnyObject {
    /// Something changed. `memory` has it already.
    func see(_ sight: Sight, in memory: ClusterMemory) throws(Violation)
}
