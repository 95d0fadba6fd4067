extension BrokerConfigs {
    /// SASL.
    static let sasl: [ConfigKey] = [
        ConfigKey(
            "sasl.enabled.mechanisms", .list, "GSSAPI", valid: .list(), .medium, update: .perBroker,
            "The SASL mechanisms that are offered."),
        ConfigKey(
            "sasl.mechanism.inter.broker.protocol", .string, "GSSAPI", .medium, update: .perBroker,
            "The SASL mechanism between brokers."),
        ConfigKey(
            "sasl.mechanism.controller.protocol", .string, "GSSAPI", .high,
            "The SASL mechanism towards controllers."),
        ConfigKey(
            "sasl.jaas.config", .password, nil, .medium, update: .perBroker,
            "The login of a listener and mechanism, in JAAS form."),
        ConfigKey(
            "sasl.server.callback.handler.class", .javaClass, nil, .medium,
            "The class that answers a mechanism's questions on the server."),
        ConfigKey(
            "sasl.client.callback.handler.class", .javaClass, nil, .medium,
            "The class that answers a mechanism's questions on the client."),
        ConfigKey(
            "sasl.login.class", .javaClass, nil, .medium,
            "The class that logs in."),
        ConfigKey(
            "sasl.login.callback.handler.class", .javaClass, nil, .medium,
            "The class that answers a login's questions."),
        ConfigKey(
            "sasl.server.max.receive.size", .int, "524288", .medium,
            "The largest message that is read before authentication."),
        ConfigKey(
            "sasl.kerberos.service.name", .string, nil, .medium, update: .perBroker,
            "The Kerberos service name of the brokers."),
        ConfigKey(
            "sasl.kerberos.kinit.cmd", .string, "/usr/bin/kinit", .medium, update: .perBroker,
            "The path of kinit."),
        ConfigKey(
            "sasl.kerberos.min.time.before.relogin", .long, "60000", .medium, update: .perBroker,
            "The least time between two Kerberos logins."),
        ConfigKey(
            "sasl.kerberos.principal.to.local.rules", .list, "DEFAULT", valid: .list(), .medium, update: .perBroker,
            "Rules that turn a Kerberos principal into a short name."),
        ConfigKey(
            "sasl.kerberos.ticket.renew.jitter", .double, "0.05", .medium, update: .perBroker,
            "The random part of the time of renewal."),
        ConfigKey(
            "sasl.kerberos.ticket.renew.window.factor", .double, "0.8", .medium, update: .perBroker,
            "The part of a ticket's life after which it is renewed."),
        ConfigKey(
            "sasl.login.connect.timeout.ms", .int, nil, .low,
            "How long a connection to the login server may take."),
        ConfigKey(
            "sasl.login.read.timeout.ms", .int, nil, .low,
            "How long an answer of the login server may take."),
        ConfigKey(
            "sasl.login.refresh.buffer.seconds", .short, "300", .medium, update: .perBroker,
            "The time before expiry that a renewal keeps free."),
        ConfigKey(
            "sasl.login.refresh.min.period.seconds", .short, "60", .medium, update: .perBroker,
            "The least time between two renewals of a login."),
        ConfigKey(
            "sasl.login.refresh.window.factor", .double, "0.8", .medium, update: .perBroker,
            "The part of a login's life after which it is renewed."),
        ConfigKey(
            "sasl.login.refresh.window.jitter", .double, "0.05", .medium, update: .perBroker,
            "The random part of the time of renewal of a login."),
        ConfigKey(
            "sasl.login.retry.backoff.ms", .long, "100", .low,
            "The first wait after a failed login."),
        ConfigKey(
            "sasl.login.retry.backoff.max.ms", .long, "10000", .low,
            "The longest wait after failed logins."),
        ConfigKey(
            "sasl.oauthbearer.assertion.algorithm", .string, "RS256", valid: .oneOfIgnoringCase(["ES256", "RS256"]),
            .medium,
            "The algorithm that signs a JWT assertion."),
        ConfigKey(
            "sasl.oauthbearer.assertion.claim.aud", .string, nil, .medium,
            "The audience claim of the assertion."),
        ConfigKey(
            "sasl.oauthbearer.assertion.claim.exp.seconds", .int, "300", valid: .between(0, 86400), .low,
            "How many seconds the assertion holds."),
        ConfigKey(
            "sasl.oauthbearer.assertion.claim.iss", .string, nil, .medium,
            "The issuer claim of the assertion."),
        ConfigKey(
            "sasl.oauthbearer.assertion.claim.jti.include", .boolean, "false", .medium,
            "Give the assertion an id."),
        ConfigKey(
            "sasl.oauthbearer.assertion.claim.nbf.seconds", .int, "60", valid: .between(0, 3600), .low,
            "How many seconds before now the assertion begins to hold."),
        ConfigKey(
            "sasl.oauthbearer.assertion.claim.sub", .string, nil, .medium,
            "The subject claim of the assertion."),
        ConfigKey(
            "sasl.oauthbearer.assertion.file", .string, nil, .medium,
            "A file with a ready assertion."),
        ConfigKey(
            "sasl.oauthbearer.assertion.private.key.file", .string, nil, .medium,
            "The key that signs the assertion."),
        ConfigKey(
            "sasl.oauthbearer.assertion.private.key.passphrase", .password, nil, .medium,
            "The passphrase of that key."),
        ConfigKey(
            "sasl.oauthbearer.assertion.template.file", .string, nil, .medium,
            "A template with further claims of the assertion."),
        ConfigKey(
            "sasl.oauthbearer.client.credentials.client.id", .string, nil, .medium,
            "The client id for a token by client credentials."),
        ConfigKey(
            "sasl.oauthbearer.client.credentials.client.secret", .password, nil, .medium,
            "The client secret for a token by client credentials."),
        ConfigKey(
            "sasl.oauthbearer.clock.skew.seconds", .int, "30", .low,
            "How far clocks may differ when a token's times are checked."),
        ConfigKey(
            "sasl.oauthbearer.expected.audience", .list, "", valid: .list(), .high,
            "The audiences of which a token must name one."),
        ConfigKey(
            "sasl.oauthbearer.expected.issuer", .string, nil, .high,
            "The issuer that a token must name."),
        ConfigKey(
            "sasl.oauthbearer.jwks.endpoint.url", .string, nil, .medium,
            "Where the keys that sign tokens are published."),
        ConfigKey(
            "sasl.oauthbearer.jwks.endpoint.refresh.ms", .long, "3600000", .low,
            "How often those keys are read again."),
        ConfigKey(
            "sasl.oauthbearer.jwks.endpoint.retry.backoff.ms", .long, "100", .low,
            "The first wait after the keys could not be read."),
        ConfigKey(
            "sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms", .long, "10000", .low,
            "The longest wait after the keys could not be read."),
        ConfigKey(
            "sasl.oauthbearer.jwt.retriever.class", .javaClass,
            "org.apache.kafka.common.security.oauthbearer.DefaultJwtRetriever", .medium,
            "The class that gets tokens."),
        ConfigKey(
            "sasl.oauthbearer.jwt.validator.class", .javaClass,
            "org.apache.kafka.common.security.oauthbearer.DefaultJwtValidator", .medium,
            "The class that checks tokens."),
        ConfigKey(
            "sasl.oauthbearer.scope", .string, nil, .medium,
            "The scope to ask for."),
        ConfigKey(
            "sasl.oauthbearer.scope.claim.name", .string, "scope", .low,
            "The claim that holds the scope."),
        ConfigKey(
            "sasl.oauthbearer.sub.claim.name", .string, "sub", .low,
            "The claim that holds the subject."),
        ConfigKey(
            "sasl.oauthbearer.token.endpoint.url", .string, nil, .medium,
            "Where tokens are got."),
    ]
}
