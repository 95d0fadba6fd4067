import KafkaPrimitives
import KafkaProtocol
import Testing

@Suite("API table")
struct APITableTests {
    @Test("the keys are 0 to 94 without the four retired ones")
    func keys() {
        #expect(APITable.all.map(\.key.rawValue) == Array(0...3) + Array(8...94))
        #expect(APITable[APIKey(rawValue: 4)] == nil)
        #expect(APITable[APIKey(rawValue: 95)] == nil)
        #expect(APITable[APIKey(rawValue: -1)] == nil)
        #expect(APIKey(rawValue: 5).description == "API_5")
    }

    @Test("every API begins at version 0, except those whose version 0 was taken back")
    func versions() {
        let late = APITable.all.filter { $0.versions.lowerBound != 0 }
        #expect(late.map(\.key) == [.shareGroupHeartbeat, .shareGroupDescribe, .shareFetch, .shareAcknowledge])
        #expect(late.allSatisfy { $0.versions.lowerBound == 1 })
        #expect(APITable[.fetch]?.versions == 0...18)
        #expect(APITable[.initProducerId]?.stableVersions == 0...5)
    }

    @Test("requests have the versions of their responses and of their row")
    func agreement() {
        func check<Request: KafkaRequest>(_ type: Request.Type) {
            #expect(Request.validVersions == Request.Response.validVersions, "\(type)")
            #expect(Request.flexibleVersions.lowerBound == Request.Response.flexibleVersions.lowerBound, "\(type)")
            let row = APITable[Request.apiKey]
            #expect(row?.versions == Request.validVersions, "\(type)")
            #expect(row?.flexibleFrom ?? .max == Request.flexibleVersions.lowerBound, "\(type)")
            #expect("\(type)" == "\(row?.name ?? "")Request")
        }
        for type in APITable.requestTypes { check(type) }
    }

    @Test("headers gain tagged fields with the flexible versions, but not the response to ApiVersions")
    func headers() {
        #expect(APITable.requestHeaderVersion(for: .fetch, version: 11) == 1)
        #expect(APITable.requestHeaderVersion(for: .fetch, version: 12) == 2)
        #expect(APITable.responseHeaderVersion(for: .fetch, version: 11) == 0)
        #expect(APITable.responseHeaderVersion(for: .fetch, version: 12) == 1)
        #expect(APITable.requestHeaderVersion(for: .saslHandshake, version: 1) == 1)
        #expect(APITable.responseHeaderVersion(for: .saslHandshake, version: 1) == 0)
        #expect(APITable.requestHeaderVersion(for: .apiVersions, version: 3) == 2)
        #expect(APITable.responseHeaderVersion(for: .apiVersions, version: 3) == 0)
    }

    @Test("a request's header is read in the version that its first four bytes tell")
    func requestHeader() throws {
        // ApiVersions v3, correlation id 7, client id "me", no tags, then the body.
        let flexible = ByteSlice([0, 18, 0, 3, 0, 0, 0, 7, 0, 2, 0x6d, 0x65, 0, 9])
        var reader = ByteReader(flexible)
        let header = try RequestHeader(from: &reader)
        var expected = RequestHeader()
        expected.requestApiKey = 18
        expected.requestApiVersion = 3
        expected.correlationId = 7
        expected.clientId = "me"
        #expect(header == expected)
        #expect(header.apiKey == .apiVersions)
        #expect(reader.remaining == 1)

        // Metadata v1 with a null client id.
        var old = ByteReader(ByteSlice([0, 3, 0, 1, 0, 0, 0, 8, 0xff, 0xff]))
        #expect(try RequestHeader(from: &old).clientId == nil)
        #expect(old.remaining == 0)

        // A version of ApiVersions that no one knows yet is read as a flexible one.
        var future = ByteReader(ByteSlice([0, 18, 0, 99, 0, 0, 0, 7, 0xff, 0xff, 0, 1, 2]))
        #expect(try RequestHeader(from: &future).requestApiVersion == 99)
        #expect(future.remaining == 2)
    }

    @Test(
        "a request for an API that is not known is refused",
        arguments: [[0, 4, 0, 0], [0, 99, 0, 0], [0, 3, 0xff, 0]])
    func unknownAPI(start: [UInt8]) {
        #expect(throws: DecodeError(.unsupportedVersion)) {
            var reader = ByteReader(ByteSlice(start + [0, 0, 0, 1, 0xff, 0xff, 0]))
            _ = try RequestHeader(from: &reader)
        }
    }
}
