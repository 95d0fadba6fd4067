/// Where moments of a run stand on a picture: from 0 % at its begin to 100 % at `end`. Pure.
package struct TimeScale: Equatable {
    /// The last moment on the picture, in seconds since the workload began; above 0.
    package let end: Double

    package init(end: Double) {
        self.end = max(0.001, end)
    }

    /// The place of a moment in percent, within the picture.
    package func percent(_ moment: Double) -> Double {
        min(100, max(0, moment / self.end * 100))
    }

    /// `left` and `width` of a span.
    package func style(from begin: Double, to end: Double) -> String {
        let left = self.percent(begin)
        return "left:\(Figures.decimal(left, 3))%;width:\(Figures.decimal(max(0, self.percent(end) - left), 3))%"
    }

    /// Moments for the axis at round seconds: 4 to 10 of them.
    package var ticks: [Double] {
        let steps: [Double] = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300]
        let step = steps.first { self.end / $0 <= 10 } ?? 600
        return Array(stride(from: 0, through: self.end, by: step))
    }
}
