package import History

/// What clients do in a world, and what that must lead to.
///
/// A new part of the product joins by a workload of its own (and a `Check` that knows what must hold). All that a
/// workload draws comes from its stage; what its clients do and see goes into the stage's history.
///
/// Transitions: made -> working (`begin`) -> winding down (`windDown`: nothing new is begun) -> quiet (`isQuiet`).
package protocol Workload: AnyObject {
    /// For traces and reports.
    var name: String { get }

    /// The cluster serves and the stage's topics exist: clients may begin.
    func begin()

    /// Nothing new is begun; what is under way may end.
    func windDown()

    /// Nothing is under way any more.
    var isQuiet: Bool { get }

    /// Says what may be found in its part of the history.
    func amend(_ options: inout CheckOptions)
}

extension Workload {
    package func amend(_ options: inout CheckOptions) {}
}
