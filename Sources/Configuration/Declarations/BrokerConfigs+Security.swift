extension BrokerConfigs {
    /// Authorization, TLS and delegation tokens.
    static let security: [ConfigKey] = [
        ConfigKey(
            "authorizer.class.name", .string, "", .low,
            "The authorizer; empty allows everything."),
        ConfigKey(
            "principal.builder.class", .javaClass,
            "org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder", .medium, update: .perBroker,
            "The class that names the principal of a connection."),
        ConfigKey(
            "security.providers", .string, nil, .low,
            "Classes that add security algorithms."),
        ConfigKey(
            "connections.max.reauth.ms", .long, "0", .medium,
            "How long an authentication holds before the client must renew it; 0 for ever."),
        ConfigKey(
            "ssl.client.auth", .string, "none", valid: .oneOf(["required", "requested", "none"]), .medium,
            update: .perBroker,
            "Whether clients must show a certificate: required, requested or none."),
        ConfigKey(
            "ssl.protocol", .string, "TLSv1.3", .medium, update: .perBroker,
            "The newest TLS version to use."),
        ConfigKey(
            "ssl.enabled.protocols", .list, "TLSv1.2,TLSv1.3", valid: .list(), .medium, update: .perBroker,
            "The TLS versions that are accepted."),
        ConfigKey(
            "ssl.cipher.suites", .list, "", valid: .list(), .medium, update: .perBroker,
            "The cipher suites that are accepted; empty takes the library's own."),
        ConfigKey(
            "ssl.provider", .string, nil, .medium, update: .perBroker,
            "The name of the security provider."),
        ConfigKey(
            "ssl.keystore.type", .string, "JKS", .medium, update: .perBroker,
            "The form of the key store: PEM, PKCS12 or JKS."),
        ConfigKey(
            "ssl.keystore.location", .string, nil, .medium, update: .perBroker,
            "The file of the key store."),
        ConfigKey(
            "ssl.keystore.password", .password, nil, .medium, update: .perBroker,
            "The password of the key store."),
        ConfigKey(
            "ssl.keystore.key", .password, nil, .medium, update: .perBroker,
            "The private key in PEM form."),
        ConfigKey(
            "ssl.keystore.certificate.chain", .password, nil, .medium, update: .perBroker,
            "The certificate chain in PEM form."),
        ConfigKey(
            "ssl.key.password", .password, nil, .medium, update: .perBroker,
            "The password of the private key."),
        ConfigKey(
            "ssl.keymanager.algorithm", .string, "SunX509", .medium, update: .perBroker,
            "The algorithm that chooses keys."),
        ConfigKey(
            "ssl.truststore.type", .string, "JKS", .medium, update: .perBroker,
            "The form of the trust store: PEM, PKCS12 or JKS."),
        ConfigKey(
            "ssl.truststore.location", .string, nil, .medium, update: .perBroker,
            "The file of the trust store."),
        ConfigKey(
            "ssl.truststore.password", .password, nil, .medium, update: .perBroker,
            "The password of the trust store."),
        ConfigKey(
            "ssl.truststore.certificates", .password, nil, .medium, update: .perBroker,
            "The trusted certificates in PEM form."),
        ConfigKey(
            "ssl.trustmanager.algorithm", .string, "PKIX", .medium, update: .perBroker,
            "The algorithm that checks certificates."),
        ConfigKey(
            "ssl.endpoint.identification.algorithm", .string, "https", .low, update: .perBroker,
            "How a server's name is checked against its certificate; empty does not check."),
        ConfigKey(
            "ssl.secure.random.implementation", .string, nil, .low, update: .perBroker,
            "The source of random numbers for TLS."),
        ConfigKey(
            "ssl.engine.factory.class", .javaClass, nil, .low, update: .perBroker,
            "The class that makes TLS engines."),
        ConfigKey(
            "ssl.principal.mapping.rules", .string, "DEFAULT", valid: .principalMapping, .low,
            "Rules that turn a certificate's distinguished name into a principal."),
        ConfigKey(
            "ssl.allow.dn.changes", .boolean, "false", .low,
            "Let a new certificate have another distinguished name."),
        ConfigKey(
            "ssl.allow.san.changes", .boolean, "false", .low,
            "Let a new certificate have other alternative names."),
        ConfigKey(
            "delegation.token.secret.key", .password, nil, .medium,
            "The key that signs delegation tokens."),
        ConfigKey(
            "delegation.token.max.lifetime.ms", .long, "604800000", valid: .atLeast(1), .medium,
            "How long a delegation token can be renewed."),
        ConfigKey(
            "delegation.token.expiry.time.ms", .long, "86400000", valid: .atLeast(1), .medium,
            "How long a delegation token holds without renewal."),
        ConfigKey(
            "delegation.token.expiry.check.interval.ms", .long, "3600000", valid: .atLeast(1), .low,
            "How often expired delegation tokens are removed."),
    ]
}
