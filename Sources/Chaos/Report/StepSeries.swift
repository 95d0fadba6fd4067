/// A quantity over time that stays until it changes. Pure.
package struct StepSeries: Equatable {
    package struct Step: Equatable, Sendable {
        package var at: Double
        package var value: Double

        package init(at: Double, value: Double) {
            self.at = at
            self.value = value
        }
    }

    package var steps: [Step]

    package init(_ steps: [Step]) {
        self.steps = steps
    }

    /// How many spans are open at each moment.
    package init(counting spans: [(from: Double, to: Double)]) {
        let changes = spans.flatMap { [Step(at: $0.from, value: 1), Step(at: $0.to, value: -1)] }
            .sorted { ($0.at, $0.value) < ($1.at, $1.value) }
        var steps = [Step(at: 0, value: 0)]
        for change in changes {
            let value = (steps.last?.value ?? 0) + change.value
            if steps.last?.at == change.at {
                steps[steps.count - 1].value = value
            } else {
                steps.append(Step(at: change.at, value: value))
            }
        }
        self.steps = steps
    }

    /// Events a second, from counts since the sample before, joined until a step is at least `width` seconds long.
    package init(rateOf samples: [Sample], width: Double, _ count: (Sample) -> Int) {
        var steps: [Step] = []
        var begin = 0.0
        var sum = 0
        for sample in samples {
            sum += count(sample)
            guard sample.at - begin >= width else { continue }
            steps.append(Step(at: begin, value: Double(sum) / (sample.at - begin)))
            begin = sample.at
            sum = 0
        }
        // What came after the last whole step is not told: a part of a step would look like a drop.
        steps.append(Step(at: begin, value: steps.last?.value ?? 0))
        self.steps = steps
    }

    package var maximum: Double { self.steps.map(\.value).max() ?? 0 }

    package var minimum: Double { self.steps.map(\.value).min() ?? 0 }

    /// The outline as an SVG path in a box of 1000 x 100, from `end` closed along the bottom where it is an area.
    package func path(scale: TimeScale, maximum: Double, isArea: Bool) -> String {
        guard let first = self.steps.first, maximum > 0 else { return "" }
        func x(_ at: Double) -> String { Figures.decimal(scale.percent(at) * 10, 2) }
        func y(_ value: Double) -> String { Figures.decimal(100 - min(1, max(0, value / maximum)) * 100, 2) }
        var path = isArea ? "M\(x(first.at)) 100V\(y(first.value))" : "M\(x(first.at)) \(y(first.value))"
        for step in self.steps.dropFirst() { path += "H\(x(step.at))V\(y(step.value))" }
        path += "H\(x(scale.end))"
        return isArea ? path + "V100Z" : path
    }
}
