#ifndef APUS_CHTTP_H
#define APUS_CHTTP_H

#include <stddef.h>
#include <stdint.h>

typedef struct apus_http_server apus_http_server;
typedef struct apus_http_exchange apus_http_exchange;

typedef enum {
    APUS_HTTP_GET = 0,
    APUS_HTTP_HEAD = 1,
    APUS_HTTP_OTHER = 2,
} apus_http_method;

typedef struct {
    // Bytes of a request's first line and headers, and of its body.
    size_t header_bytes_max;
    size_t body_bytes_max;
    // Seconds without a byte after which a connection is closed.
    int idle_seconds_max;
} apus_http_limits;

// Answers an exchange with exactly one `apus_http_reply` before it returns.
typedef void (*apus_http_handler)(void *context, apus_http_exchange *exchange);

// A server that listens on `host` (an address; NULL for every interface) and `port` (0 for one of the system's choice).
// NULL with `error` set to an errno where that cannot be.
apus_http_server *apus_http_create(
    const char *host, uint16_t port, apus_http_limits limits, apus_http_handler handler, void *context, int *error);

// The port that the server listens on.
uint16_t apus_http_port(const apus_http_server *server);

// Answers requests on the calling thread until the server is stopped.
void apus_http_run(apus_http_server *server);

// Lets `apus_http_run` return. Any thread may call it.
void apus_http_stop(apus_http_server *server);

// Closes the listener and all connections. Nobody may be running the server.
void apus_http_free(apus_http_server *server);

apus_http_method apus_http_method_of(apus_http_exchange *exchange);

// The path without its query, undecoded; valid until the reply. NULL where the request has none.
const char *apus_http_path_of(apus_http_exchange *exchange);

// The value of a header of the request; valid until the reply. NULL where there is none.
const char *apus_http_header_of(apus_http_exchange *exchange, const char *name);

// Adds a header to the answer.
void apus_http_add_header(apus_http_exchange *exchange, const char *name, const char *value);

// Sends the answer; the exchange is gone when this returns. False where there is no memory for the body: then an error
// was sent.
int apus_http_reply(
    apus_http_exchange *exchange, int status, const char *reason, const void *body, size_t body_bytes);

#endif
