import Configuration
import Testing

@Suite("Rules that name principals")
struct PrincipalMappingTests {
    @Test(
        "the first rule that fits the whole name counts, as in Kafka",
        arguments: [
            ("DEFAULT", "CN=a,OU=b", "CN=a,OU=b"),
            ("", "CN=a", nil),
            (" , DEFAULT ,", "CN=a", "CN=a"),
            ("RULE:^CN=(.*?),OU=ServiceUsers.*$/$1/", "CN=alice,OU=ServiceUsers,O=x", "alice"),
            ("RULE:^CN=(.*?),OU=ServiceUsers.*$/$1/, DEFAULT", "CN=bob,OU=Admins", "CN=bob,OU=Admins"),
            ("RULE:^CN=(.*?),OU=ServiceUsers.*$/$1/", "CN=bob,OU=Admins", nil),
            ("RULE:^CN=(.*?),OU=(.*?),O=(.*?)$/$1@$2/L", "CN=Adm,OU=Org,O=C", "adm@org"),
            ("RULE:^.*[Cc][Nn]=([a-zA-Z0-9.]*).*$/$1/U", "OU=x,cn=me.too,O=C", "ME.TOO"),
            ("RULE:^CN=(.*)$/$1/\nRULE:^OU=(.*)$/$1/", "OU=second", "second"),
            ("RULE:^CN=(.*),OU=a$/x/,RULE:^CN=(.*)$/$1$12$2/", "CN=z", "zz2$2"),
            (#"RULE:^CN=(.*)\/(.*)$/$2\/\$1/"#, "CN=a/b", "b/$1"),
            ("RULE:a/b/", "xay", nil),
        ] as [(String, String, String?)])
    func names(rules: String, subject: String, expected: String?) throws {
        #expect(try PrincipalMapping(rules).name(of: subject) == expected)
    }

    @Test(
        "a rule that cannot be read is named",
        arguments: [
            (
                "RULE:^CN=(.*)$/$1",
                "Invalid rule: `RULE:^CN=(.*)$/$1`, expected DEFAULT or RULE:pattern/replacement/[LU]"
            ),
            ("DEFAULT,RULE:a/b/X", "Invalid rule: `RULE:a/b/X`, unmatched substring: `X`"),
            ("DEFAULTs", "Invalid rule: `DEFAULTs`, unmatched substring: `s`"),
            ("RULE:a/b/,what,DEFAULT", "Invalid rule: `what`, expected DEFAULT or RULE:pattern/replacement/[LU]"),
        ])
    func refused(rules: String, message: String) {
        #expect(throws: PrincipalMapping.RuleError(message: message)) { try PrincipalMapping(rules) }
    }

    @Test("an expression that cannot be read is named with its rule")
    func badExpression() throws {
        let error = try #require(throws: PrincipalMapping.RuleError.self) { try PrincipalMapping("RULE:^CN=(.*$/$1/") }
        #expect(error.message.hasPrefix("Invalid rule: `RULE:^CN=(.*$/$1/`, its regular expression cannot be read: "))
    }

    @Test("a node does not start with such a rule: the line names file, key and rule")
    func atStart() throws {
        let text = BrokerConfigurationTests.combined + "\nssl.principal.mapping.rules=DEFAULT,RULE:broken"
        let error = try #require(throws: ConfigurationError.self) { try BrokerConfigurationTests.load(text) }
        #expect(error.message.contains("ssl.principal.mapping.rules=DEFAULT,RULE:broken: expected "))
        #expect(error.message.contains("Invalid rule: `RULE:broken`"))
    }
}
