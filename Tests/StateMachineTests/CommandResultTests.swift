import StateMachine
import Testing

struct CommandResultTests {
    @Test("Another answer keeps the records and their atomicity")
    func replacingTheResponse() {
        let result = CommandResult(records: [1, 2], response: "a", isAtomic: false)
        #expect(result.replacing(response: 3) == CommandResult(records: [1, 2], response: 3, isAtomic: false))
    }
}
