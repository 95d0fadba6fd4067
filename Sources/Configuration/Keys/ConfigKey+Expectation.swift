extension ConfigKey {
    /// What a right value is, in words that end a sentence: `an integer of at least 1`.
    package var expectation: String {
        switch self.validator {
        case .any: self.typeExpectation
        case .atLeast(let low): "\(self.typeExpectation) of at least \(low)"
        case .between(let low, let high): "\(self.typeExpectation) from \(low) to \(high)"
        case .fraction(let low, let high): "a number from \(low) to \(high)"
        case .gzipLevel: "an integer from 1 to 9, or -1"
        case .oneOf(let allowed), .oneOfIgnoringCase(let allowed): "one of \(allowed.joined(separator: ", "))"
        case .nonEmptyString: "a text that is not empty"
        case .list(let allowed, let emptyAllowed):
            (allowed.isEmpty ? "distinct values" : "distinct values of \(allowed.joined(separator: ", "))")
                + " separated by commas" + (emptyAllowed ? "" : ", at least one")
        case .voters: "id@host:port entries separated by commas"
        case .endpoints: "host:port entries separated by commas"
        case .throttledReplicas: "* or partition:broker entries separated by commas"
        case .principalMapping: "DEFAULT and RULE:pattern/replacement/[LU] entries separated by commas"
        }
    }

    private var typeExpectation: String {
        switch self.type {
        case .boolean: "true or false"
        case .int: "an integer of 32 bits"
        case .short: "an integer of 16 bits"
        case .long: "an integer"
        case .double: "a number"
        case .string, .password, .unknown: "a text"
        case .javaClass: "the name of a class"
        case .list: "values separated by commas"
        }
    }
}
