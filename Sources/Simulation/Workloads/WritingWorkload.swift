package import ApusCore
package import History
import KafkaRecords

/// Producers of all kinds, each writing to the topics that have its discipline.
package final class WritingWorkload: Workload {
    package let name = "writing"
    private let stage: Stage
    private var writers: [WritingClient] = []
    private var random: SeededRandom
    private let restartPause: Interval?
    private var isWinding = false

    /// - Parameters:
    ///   - count: producers.
    ///   - restartPause: about so often one of them dies and comes back; nil for never.
    package init(_ stage: Stage, count: Int, pause: Interval, restartPause: Interval?) {
        self.stage = stage
        self.random = stage.random("writing")
        self.restartPause = restartPause
        let disciplines = stage.topics.map(\.discipline).reduce(into: [StageTopic.Discipline]()) {
            if !$0.contains($1) { $0.append($1) }
        }
        for index in 0..<max(count, disciplines.count) {
            let discipline = disciplines[index % disciplines.count]
            let topics = stage.topics.filter { $0.discipline == discipline }.map(\.name)
            let client = stage.makeClient("writer")
            self.writers.append(
                WritingClient(
                    client, habits: self.habits(discipline, pause), topics: topics,
                    random: stage.random("writer", index)))
        }
    }

    private func habits(_ discipline: StageTopic.Discipline, _ pause: Interval) -> WritingClient.Habits {
        let codecs: [CompressionCodec] = [.none, .none, .lz4, .gzip, .snappy, .zstd]
        return WritingClient.Habits(
            discipline: discipline,
            compression: CompressionSetting(codecs[Int.random(in: 0..<codecs.count, using: &self.random)]),
            pause: pause, burstMax: Int.random(in: 1...5, using: &self.random),
            fillMax: [0, 20, 200, 4000][Int.random(in: 0..<4, using: &self.random)],
            linger: [.zero, .zero, .milliseconds(2), .milliseconds(10)][Int.random(in: 0..<4, using: &self.random)],
            deliveryTimeout: [.seconds(1), .seconds(5), .seconds(30)][Int.random(in: 0..<3, using: &self.random)])
    }

    package func begin() {
        for writer in self.writers { writer.begin() }
        self.scheduleRestart()
    }

    package func windDown() {
        self.isWinding = true
        for writer in self.writers { writer.windDown() }
    }

    package var isQuiet: Bool { self.writers.allSatisfy(\.isQuiet) }

    /// What is still under way when the world ends is unknown.
    func abandon() {
        for writer in self.writers { writer.abandon() }
    }

    package func amend(_ options: inout CheckOptions) {
        for topic in self.stage.topics {
            var allowed: Set<AnomalyClass> = []
            if topic.discipline != .idempotent { allowed.formUnion(AnomalyClass.allowedWithoutIdempotence) }
            if topic.allowsUncleanElection { allowed.insert(.lossAfterUncleanElection) }
            if self.stage.doomed.contains(topic.name) { allowed.formUnion([.unseen, .lostWrite]) }
            for key in topic.partitions { options.allowedByKey[key, default: []].formUnion(allowed) }
        }
    }

    private func scheduleRestart() {
        guard let pause = self.restartPause else { return }
        let time = Interval(nanoseconds: Int64.random(in: 1...(2 * pause.nanoseconds), using: &self.random))
        self.stage.world.schedule(after: time, .client, label: "a producer dies") { [weak self] in
            guard let self, !self.isWinding else { return }
            self.writers.randomElement(using: &self.random)?.restart()
            self.scheduleRestart()
        }
    }
}
