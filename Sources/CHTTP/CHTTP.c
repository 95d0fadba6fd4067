#include "CHTTP.h"

#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>

// An exchange is libevent's request under a name of ours; it is never defined.
#define REQUEST(exchange) ((struct evhttp_request *)(exchange))

struct apus_http_server {
    struct event_base *base;
    struct evhttp *http;
    struct event *stop_event;
    int stop_descriptor;
    uint16_t port;
    apus_http_handler handler;
    void *context;
};

static void handle(struct evhttp_request *request, void *argument) {
    apus_http_server *server = argument;
    server->handler(server->context, (apus_http_exchange *)request);
}

static void end_loop(evutil_socket_t descriptor, short what, void *base) {
    (void)descriptor;
    (void)what;
    event_base_loopbreak(base);
}

static uint16_t port_of(int descriptor) {
    struct sockaddr_storage address = {0};
    socklen_t size = sizeof address;
    if (getsockname(descriptor, (struct sockaddr *)&address, &size) != 0) return 0;
    return ntohs(
        address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port
                                      : ((struct sockaddr_in *)&address)->sin_port);
}

static struct evhttp_bound_socket *bind_to(struct evhttp *http, const char *host, uint16_t port) {
    if (host) return evhttp_bind_socket_with_handle(http, host, port);
    // "::" takes both families; where there is no IPv6, "0.0.0.0" takes what is there.
    struct evhttp_bound_socket *bound = evhttp_bind_socket_with_handle(http, "::", port);
    return bound ? bound : evhttp_bind_socket_with_handle(http, "0.0.0.0", port);
}

apus_http_server *apus_http_create(
    const char *host, uint16_t port, apus_http_limits limits, apus_http_handler handler, void *context, int *error) {
    apus_http_server *server = calloc(1, sizeof *server);
    if (!server) {
        *error = ENOMEM;
        return NULL;
    }
    server->handler = handler;
    server->context = context;
    server->stop_descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (server->stop_descriptor < 0) goto failed;
    errno = ENOMEM;
    if (!(server->base = event_base_new())) goto failed;
    if (!(server->http = evhttp_new(server->base))) goto failed;
    server->stop_event = event_new(server->base, server->stop_descriptor, EV_READ, end_loop, server->base);
    if (!server->stop_event || event_add(server->stop_event, NULL) != 0) goto failed;
    evhttp_set_max_headers_size(server->http, (ev_ssize_t)limits.header_bytes_max);
    evhttp_set_max_body_size(server->http, (ev_ssize_t)limits.body_bytes_max);
    evhttp_set_timeout(server->http, limits.idle_seconds_max);
    // What is not listed here is answered with 501 by libevent.
    evhttp_set_allowed_methods(
        server->http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD | EVHTTP_REQ_POST | EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE);
    evhttp_set_gencb(server->http, handle, server);
    struct evhttp_bound_socket *bound = bind_to(server->http, host, port);
    if (!bound) goto failed;
    server->port = port_of(evhttp_bound_socket_get_fd(bound));
    return server;
failed:
    *error = errno;
    apus_http_free(server);
    return NULL;
}

uint16_t apus_http_port(const apus_http_server *server) { return server->port; }

void apus_http_run(apus_http_server *server) {
    // A client that is gone must not end the process, and signals are for the main thread.
    sigset_t signals;
    sigfillset(&signals);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    event_base_dispatch(server->base);
}

void apus_http_stop(apus_http_server *server) {
    uint64_t one = 1;
    // The only way to fail is a counter that is full, and then the loop is woken anyway.
    ssize_t written = write(server->stop_descriptor, &one, sizeof one);
    (void)written;
}

void apus_http_free(apus_http_server *server) {
    if (server->stop_event) event_free(server->stop_event);
    if (server->http) evhttp_free(server->http);
    if (server->base) event_base_free(server->base);
    if (server->stop_descriptor >= 0) close(server->stop_descriptor);
    free(server);
}

apus_http_method apus_http_method_of(apus_http_exchange *exchange) {
    switch (evhttp_request_get_command(REQUEST(exchange))) {
    case EVHTTP_REQ_GET: return APUS_HTTP_GET;
    case EVHTTP_REQ_HEAD: return APUS_HTTP_HEAD;
    default: return APUS_HTTP_OTHER;
    }
}

const char *apus_http_path_of(apus_http_exchange *exchange) {
    const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(REQUEST(exchange));
    return uri ? evhttp_uri_get_path(uri) : NULL;
}

const char *apus_http_header_of(apus_http_exchange *exchange, const char *name) {
    return evhttp_find_header(evhttp_request_get_input_headers(REQUEST(exchange)), name);
}

void apus_http_add_header(apus_http_exchange *exchange, const char *name, const char *value) {
    evhttp_add_header(evhttp_request_get_output_headers(REQUEST(exchange)), name, value);
}

int apus_http_reply(
    apus_http_exchange *exchange, int status, const char *reason, const void *body, size_t body_bytes) {
    // libevent would send the body of an answer to HEAD; only its length belongs there.
    int is_head = evhttp_request_get_command(REQUEST(exchange)) == EVHTTP_REQ_HEAD;
    if (is_head) {
        char length[24];
        snprintf(length, sizeof length, "%zu", body_bytes);
        apus_http_add_header(exchange, "Content-Length", length);
    }
    struct evbuffer *buffer = evbuffer_new();
    if (!buffer || (!is_head && evbuffer_add(buffer, body, body_bytes) != 0)) {
        if (buffer) evbuffer_free(buffer);
        evhttp_send_error(REQUEST(exchange), HTTP_INTERNAL, NULL);
        return 0;
    }
    evhttp_send_reply(REQUEST(exchange), status, reason, buffer);
    evbuffer_free(buffer);
    return 1;
}
