import Chaos
import Testing

@Suite("Series of a picture")
struct StepSeriesTests {
    private typealias Step = StepSeries.Step

    @Test("count how many spans are open, touching ones apart")
    func counting() {
        let series = StepSeries(counting: [(1, 3), (2, 4), (4, 5)])
        #expect(
            series.steps == [
                Step(at: 0, value: 0), Step(at: 1, value: 1), Step(at: 2, value: 2), Step(at: 3, value: 1),
                Step(at: 4, value: 1), Step(at: 5, value: 0),
            ])
        #expect(series.maximum == 2)
    }

    @Test("of rates are per second, over steps that are wide enough")
    func rates() {
        let samples = [0.25, 0.5, 1.0, 1.25].map { Sample(at: $0, acknowledged: 10) }
        #expect(
            StepSeries(rateOf: samples, width: 0.5, \.acknowledged).steps == [
                Step(at: 0, value: 40), Step(at: 0.5, value: 20), Step(at: 1, value: 20),
            ])
    }

    @Test("are drawn from the left to the end of the scale, highest at the top")
    func path() {
        let series = StepSeries([Step(at: 0, value: 1), Step(at: 5, value: 2)])
        let scale = TimeScale(end: 10)
        #expect(series.path(scale: scale, maximum: 2, isArea: false) == "M0 50H500V0H1000")
        #expect(series.path(scale: scale, maximum: 2, isArea: true) == "M0 100V50H500V0H1000V100Z")
    }

    @Test("join samples of the same state, with gaps where nothing is known")
    func states() {
        let samples = [(0.0, 1), (1, 1), (2, -1), (3, 2)].map { Sample(at: $0, controller: $1 < 0 ? nil : $1) }
        #expect(
            StateSpan.joined(samples, end: 5) { $0.controller } == [
                StateSpan(state: 1, from: 0, to: 2), StateSpan(state: 2, from: 3, to: 5),
            ])
    }

    @Test("stand on an axis with 4 to 10 round moments", arguments: [0.7, 3, 10, 42, 61, 300, 3000])
    func ticks(end: Double) {
        #expect((4...11).contains(TimeScale(end: end).ticks.count))
    }
}
