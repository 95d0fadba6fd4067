#ifndef APUS_COPENSSL_H
#define APUS_COPENSSL_H

#include <errno.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>

// MARK: The pipe to the socket

/// What lies between a TLS session and its socket.
typedef struct {
    int descriptor;
    /// The system's error number of a failed call; 0 for none.
    int error;
    /// The peer has closed.
    int at_end;
    /// The last receive did not fill its room: nothing more is asked of the socket before this is cleared.
    int is_drained;
    /// Bytes from `start` to `end` wait to be sent. The memory is lent.
    unsigned char *output;
    size_t capacity;
    size_t start;
    size_t end;
} apus_tls_pipe;

/// Sends what waits. 1: all has left, 0: the socket takes no more now, -1: see `error`.
static inline int apus_tls_pipe_flush(apus_tls_pipe *pipe) {
    while (pipe->start < pipe->end) {
        ssize_t count = send(pipe->descriptor, pipe->output + pipe->start, pipe->end - pipe->start, MSG_NOSIGNAL);
        if (count < 0) {
            if (errno == EINTR) continue;
            if (errno == EAGAIN) return 0;
            pipe->error = errno;
            return -1;
        }
        pipe->start += (size_t)count;
    }
    pipe->start = 0;
    pipe->end = 0;
    return 1;
}

static inline int apus_tls_bio_write(BIO *bio, const char *bytes, size_t count, size_t *written) {
    apus_tls_pipe *pipe = (apus_tls_pipe *)BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (pipe->capacity - pipe->end < count && apus_tls_pipe_flush(pipe) < 0) return 0;
    size_t room = pipe->capacity - pipe->end;
    if (room == 0) {
        BIO_set_retry_write(bio);
        return 0;
    }
    if (count > room) count = room;
    memcpy(pipe->output + pipe->end, bytes, count);
    pipe->end += count;
    *written = count;
    return 1;
}

static inline int apus_tls_bio_read(BIO *bio, char *bytes, size_t count, size_t *received) {
    apus_tls_pipe *pipe = (apus_tls_pipe *)BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    *received = 0;
    if (pipe->is_drained) {
        BIO_set_retry_read(bio);
        return 0;
    }
    ssize_t result;
    do result = recv(pipe->descriptor, bytes, count, 0);
    while (result < 0 && errno == EINTR);
    if (result > 0) {
        pipe->is_drained = (size_t)result < count;
        *received = (size_t)result;
        return 1;
    }
    if (result == 0) {
        pipe->at_end = 1;
    } else if (errno == EAGAIN) {
        BIO_set_retry_read(bio);
    } else {
        pipe->error = errno;
    }
    return 0;
}

static inline long apus_tls_bio_control(BIO *bio, int command, long number, void *pointer) {
    (void)number;
    (void)pointer;
    if (command == BIO_CTRL_FLUSH) return 1;
    if (command == BIO_CTRL_EOF) return ((apus_tls_pipe *)BIO_get_data(bio))->at_end;
    return 0;
}

/// The kind of BIO that uses a pipe: made once, never freed.
static inline BIO_METHOD *apus_tls_bio_method(void) {
    BIO_METHOD *method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "apus pipe");
    if (method == NULL) return NULL;
    BIO_meth_set_write_ex(method, apus_tls_bio_write);
    BIO_meth_set_read_ex(method, apus_tls_bio_read);
    BIO_meth_set_ctrl(method, apus_tls_bio_control);
    return method;
}

// MARK: Sessions

/// A session over `pipe`, which must live longer.
static inline SSL *apus_tls_session(SSL_CTX *context, const BIO_METHOD *method, apus_tls_pipe *pipe, int is_server) {
    SSL *session = SSL_new(context);
    if (session == NULL) return NULL;
    BIO *bio = BIO_new(method);
    if (bio == NULL) {
        SSL_free(session);
        return NULL;
    }
    BIO_set_data(bio, pipe);
    BIO_set_init(bio, 1);
    SSL_set_bio(session, bio, bio);
    if (is_server) SSL_set_accept_state(session);
    else SSL_set_connect_state(session);
    return session;
}

/// What a client asks of the server: its name goes out where it is no address, and is checked where `verify`.
static inline int apus_tls_expect_host(SSL *session, const char *host, int is_address, int verify) {
    if (!is_address && SSL_set_tlsext_host_name(session, host) != 1) return 0;
    if (!verify) return 1;
    if (is_address) return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), host);
    SSL_set_hostflags(session, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set1_host(session, host);
}

/// 1: done; otherwise an SSL_ERROR code, negative.
static inline int apus_tls_handshake(SSL *session) {
    ERR_clear_error();
    int result = SSL_do_handshake(session);
    return result == 1 ? 1 : -SSL_get_error(session, result);
}

/// The count, or an SSL_ERROR code, negative.
static inline long apus_tls_read(SSL *session, void *bytes, size_t count) {
    size_t done = 0;
    ERR_clear_error();
    int result = SSL_read_ex(session, bytes, count, &done);
    return result == 1 ? (long)done : -(long)SSL_get_error(session, result);
}

/// The count, or an SSL_ERROR code, negative.
static inline long apus_tls_write(SSL *session, const void *bytes, size_t count) {
    size_t done = 0;
    ERR_clear_error();
    int result = SSL_write_ex(session, bytes, count, &done);
    return result == 1 ? (long)done : -(long)SSL_get_error(session, result);
}

/// Writes the farewell into the pipe.
static inline void apus_tls_shutdown(SSL *session) {
    ERR_clear_error();
    SSL_shutdown(session);
    ERR_clear_error();
}

/// The subject of the peer's certificate by RFC 2253: its length, or -1 where there is none. Cut to `capacity`.
static inline int apus_tls_peer_name(SSL *session, char *text, int capacity) {
    X509 *certificate = SSL_get1_peer_certificate(session);
    if (certificate == NULL) return -1;
    int length = -1;
    BIO *memory = BIO_new(BIO_s_mem());
    if (memory != NULL) {
        // Letters beyond ASCII stay as they are.
        unsigned long flags = XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB;
        if (X509_NAME_print_ex(memory, X509_get_subject_name(certificate), 0, flags) >= 0) {
            length = BIO_read(memory, text, capacity);
            if (length < 0) length = 0;
        }
        BIO_free(memory);
    }
    X509_free(certificate);
    return length;
}

// MARK: Errors

/// Why the last call failed, in OpenSSL's words; empty where it left none.
static inline void apus_tls_error(SSL *session, char *text, size_t capacity) {
    text[0] = 0;
    unsigned long code = ERR_peek_error();
    const char *reason = code != 0 ? ERR_reason_error_string(code) : NULL;
    long verified = session != NULL ? SSL_get_verify_result(session) : X509_V_OK;
    if (reason != NULL && ERR_GET_REASON(code) == SSL_R_CERTIFICATE_VERIFY_FAILED && verified != X509_V_OK) {
        BIO_snprintf(text, capacity, "%s: %s", reason, X509_verify_cert_error_string(verified));
    } else if (reason != NULL) {
        BIO_snprintf(text, capacity, "%s", reason);
    } else if (code != 0) {
        ERR_error_string_n(code, text, capacity);
    }
    ERR_clear_error();
}

// MARK: Contexts

/// A context with the settings that all have: buffers are let go while idle, a write may be retried from elsewhere.
static inline SSL_CTX *apus_tls_context(int is_server, int version_min, int version_max, const char *groups) {
    ERR_clear_error();
    SSL_CTX *context = SSL_CTX_new(is_server ? TLS_server_method() : TLS_client_method());
    if (context == NULL) return NULL;
    SSL_CTX_set_mode(
        context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_options(
        context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_read_ahead(context, 1);
    static const unsigned char name[] = "apus";
    if (SSL_CTX_set_min_proto_version(context, version_min) != 1
        || SSL_CTX_set_max_proto_version(context, version_max) != 1
        || SSL_CTX_set1_groups_list(context, groups) != 1
        || SSL_CTX_set_session_id_context(context, name, sizeof name - 1) != 1) {
        SSL_CTX_free(context);
        return NULL;
    }
    return context;
}

static inline void apus_tls_read_buffer(SSL_CTX *context, size_t bytes) {
    SSL_CTX_set_default_read_buffer_len(context, bytes);
}

/// 0: the peer need not show a certificate, 1: it may, 2: it must.
static inline void apus_tls_verify_peer(SSL_CTX *context, int demand) {
    int mode = demand == 0 ? SSL_VERIFY_NONE : SSL_VERIFY_PEER;
    if (demand == 2) mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
    SSL_CTX_set_verify(context, mode, NULL);
}

static inline int apus_tls_password(char *buffer, int size, int writing, void *password) {
    (void)writing;
    if (password == NULL) return 0;
    size_t length = strlen((const char *)password);
    if (length > (size_t)size) return -1;
    memcpy(buffer, password, length);
    return (int)length;
}

/// PEM text ends without a further block: that is no error.
static inline int apus_tls_pem_ended(void) {
    unsigned long code = ERR_peek_last_error();
    if (ERR_GET_LIB(code) != ERR_LIB_PEM || ERR_GET_REASON(code) != PEM_R_NO_START_LINE) return 0;
    ERR_clear_error();
    return 1;
}

/// The certificate, its chain after it, and the private key, as PEM. `password` may be NULL.
static inline int apus_tls_use_pem(
    SSL_CTX *context, const void *chain, int chain_count, const void *key, int key_count, const char *password) {
    ERR_clear_error();
    int result = 0;
    BIO *chain_bio = BIO_new_mem_buf(chain, chain_count);
    BIO *key_bio = BIO_new_mem_buf(key, key_count);
    X509 *certificate = NULL;
    EVP_PKEY *private_key = NULL;
    if (chain_bio == NULL || key_bio == NULL) goto done;
    certificate = PEM_read_bio_X509(chain_bio, NULL, apus_tls_password, (void *)password);
    if (certificate == NULL || SSL_CTX_use_certificate(context, certificate) != 1) goto done;
    SSL_CTX_clear_chain_certs(context);
    for (;;) {
        X509 *next = PEM_read_bio_X509(chain_bio, NULL, apus_tls_password, (void *)password);
        if (next == NULL) break;
        if (SSL_CTX_add0_chain_cert(context, next) != 1) {
            X509_free(next);
            goto done;
        }
    }
    if (!apus_tls_pem_ended()) goto done;
    private_key = PEM_read_bio_PrivateKey(key_bio, NULL, apus_tls_password, (void *)password);
    if (private_key == NULL || SSL_CTX_use_PrivateKey(context, private_key) != 1) goto done;
    result = SSL_CTX_check_private_key(context);
done:
    EVP_PKEY_free(private_key);
    X509_free(certificate);
    BIO_free(key_bio);
    BIO_free(chain_bio);
    return result;
}

/// Trusts `certificate`, and names it to clients as one that may have signed theirs.
static inline int apus_tls_trust(SSL_CTX *context, X509 *certificate, int is_server) {
    if (X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate) != 1) return 0;
    return is_server ? SSL_CTX_add_client_CA(context, certificate) : 1;
}

/// Trusts every certificate of the PEM text, of which there must be one at least.
static inline int apus_tls_trust_pem(SSL_CTX *context, const void *text, int count, int is_server) {
    ERR_clear_error();
    BIO *bio = BIO_new_mem_buf(text, count);
    if (bio == NULL) return 0;
    int found = 0;
    int result = 1;
    for (;;) {
        X509 *certificate = PEM_read_bio_X509(bio, NULL, apus_tls_password, NULL);
        if (certificate == NULL) break;
        found++;
        result = apus_tls_trust(context, certificate, is_server);
        X509_free(certificate);
        if (!result) break;
    }
    BIO_free(bio);
    if (!result || found == 0) return 0;
    return apus_tls_pem_ended();
}

static inline int apus_tls_parse_pkcs12(
    const void *bytes, int count, const char *password, EVP_PKEY **key, X509 **certificate, STACK_OF(X509) **others) {
    ERR_clear_error();
    const unsigned char *cursor = (const unsigned char *)bytes;
    PKCS12 *store = d2i_PKCS12(NULL, &cursor, count);
    if (store == NULL) return 0;
    int result = PKCS12_parse(store, password != NULL ? password : "", key, certificate, others);
    PKCS12_free(store);
    return result;
}

/// The key, its certificate and its chain from a PKCS12 store.
static inline int apus_tls_use_pkcs12(SSL_CTX *context, const void *bytes, int count, const char *password) {
    EVP_PKEY *key = NULL;
    X509 *certificate = NULL;
    STACK_OF(X509) *others = NULL;
    if (!apus_tls_parse_pkcs12(bytes, count, password, &key, &certificate, &others)) return 0;
    int result = key != NULL && certificate != NULL && SSL_CTX_use_certificate(context, certificate) == 1
        && SSL_CTX_use_PrivateKey(context, key) == 1;
    if (result) {
        SSL_CTX_clear_chain_certs(context);
        for (int index = 0; result && index < sk_X509_num(others); index++) {
            result = (int)SSL_CTX_add1_chain_cert(context, sk_X509_value(others, index));
        }
    }
    EVP_PKEY_free(key);
    X509_free(certificate);
    sk_X509_pop_free(others, X509_free);
    return result;
}

/// Trusts every certificate of a PKCS12 store, of which there must be one at least.
static inline int apus_tls_trust_pkcs12(
    SSL_CTX *context, const void *bytes, int count, const char *password, int is_server) {
    EVP_PKEY *key = NULL;
    X509 *certificate = NULL;
    STACK_OF(X509) *others = NULL;
    if (!apus_tls_parse_pkcs12(bytes, count, password, &key, &certificate, &others)) return 0;
    int found = certificate != NULL ? 1 : 0;
    int result = certificate == NULL || apus_tls_trust(context, certificate, is_server);
    for (int index = 0; result && index < sk_X509_num(others); index++, found++) {
        result = apus_tls_trust(context, sk_X509_value(others, index), is_server);
    }
    EVP_PKEY_free(key);
    X509_free(certificate);
    sk_X509_pop_free(others, X509_free);
    return result && found > 0;
}

static inline const char *apus_tls_cipher_name(const char *standard_name) { return OPENSSL_cipher_name(standard_name); }

static inline int apus_tls_use_default_trust(SSL_CTX *context) { return SSL_CTX_set_default_verify_paths(context); }

#endif
