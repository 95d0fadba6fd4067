/// What the classes of anomalies mean, in words for the reader of a report. Pure.
enum AnomalyWords {
    /// The three sums that people ask for first.
    static func lost(_ result: RunResult) -> Int {
        self.sum(result) { $0 == "lost-write" || $0 == "loss-after-unclean-election" }
    }

    static func duplicated(_ result: RunResult) -> Int { self.sum(result) { $0 == "duplicate" } }

    static func reordered(_ result: RunResult) -> Int {
        self.sum(result) { $0.contains("nonmonotonic") || $0 == "inconsistent-offsets" }
    }

    private static func sum(_ result: RunResult, _ belongs: (String) -> Bool) -> Int {
        result.anomalies.filter { belongs($0.name) }.map(\.count).reduce(0, +)
    }

    static func meaning(of name: String) -> String {
        let stem =
            name.hasSuffix("-process") || name.hasSuffix("-realtime")
            ? String(name[..<(name.lastIndex(of: "-") ?? name.endIndex)]) : name
        return self.meanings[stem] ?? ""
    }

    private static let meanings = [
        "inconsistent-offsets": "Two values were seen at one offset of a partition.",
        "duplicate": "One value stands at two offsets.",
        "G1a": "A value was read whose writer was told that it was not stored.",
        "precommitted-read": "A transaction read what it had written itself before it committed.",
        "lost-write": "An acknowledged record is missing though later ones were read.",
        "unseen": "An acknowledged record was never read.",
        "poll-skip": "A consumer went from one poll to the next past records it was owed.",
        "nonmonotonic-poll": "A consumer was given older records after newer ones.",
        "int-poll-skip": "Records are missing inside one poll.",
        "int-nonmonotonic-poll": "Records stand in the wrong order inside one poll.",
        "int-send-skip": "Records of others stand between those of one batch of sends.",
        "int-nonmonotonic-send": "Records of one batch of sends are stored in another order.",
        "nonmonotonic-send": "A producer's later record is stored before its earlier one.",
        "G0": "Writes of transactions follow each other in a circle.",
        "G1c": "Transactions follow each other in a circle of writes and reads.",
        "unwritten-read": "A value was read that nobody wrote.",
        "read-above-high-watermark": "A record was served before it was safe.",
        "high-watermark-regression": "A client saw the high watermark go back.",
        "lso-above-high-watermark": "A client saw a last stable offset above the high watermark.",
        "loss-after-unclean-election": "Acknowledged records were lost with an unclean election.",
    ]
}
