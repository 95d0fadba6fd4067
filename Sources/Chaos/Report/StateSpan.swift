/// A state that lasted, found in samples of it. Pure.
package struct StateSpan<State: Equatable & Sendable>: Equatable, Sendable {
    package var state: State
    package var from: Double
    package var to: Double

    package init(state: State, from: Double, to: Double) {
        self.state = state
        self.from = from
        self.to = to
    }

    /// Joins neighbouring samples of the same state. A state lasts until the next sample, the last one until `end`;
    /// where `state` gives nil nothing is known, and there is a gap.
    package static func joined(_ samples: [Sample], end: Double, _ state: (Sample) -> State?) -> [StateSpan<State>] {
        var spans: [StateSpan<State>] = []
        for (index, sample) in samples.enumerated() {
            guard let value = state(sample) else { continue }
            let next = index + 1 < samples.count ? samples[index + 1].at : end
            if let last = spans.last, last.state == value, last.to == sample.at {
                spans[spans.count - 1].to = next
            } else {
                spans.append(StateSpan(state: value, from: sample.at, to: next))
            }
        }
        return spans
    }
}
