#define _GNU_SOURCE 1

#include "SourceAddress.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

typedef int (*connect_function)(int, const struct sockaddr *, socklen_t);

static _Atomic(connect_function) real_connect;

/// Where the socket is on its way to another loopback address and has no address yet, gives it ours.
static void take_source_address(int descriptor, const struct sockaddr *to, socklen_t length) {
    const char *text = getenv("APUS_SOURCE_ADDRESS");
    struct sockaddr_in source = {.sin_family = AF_INET};
    if (!text || inet_pton(AF_INET, text, &source.sin_addr) != 1) return;
    if (to->sa_family != AF_INET || length < sizeof(struct sockaddr_in)) return;
    const struct sockaddr_in *target = (const struct sockaddr_in *)to;
    if ((ntohl(target->sin_addr.s_addr) >> 24) != IN_LOOPBACKNET) return;
    struct sockaddr_in bound;
    socklen_t bound_length = sizeof bound;
    if (getsockname(descriptor, (struct sockaddr *)&bound, &bound_length) != 0 || bound.sin_port != 0) return;
    int saved = errno, one = 1;
    // The port is chosen when the connection is made, so that many connections may share one.
    setsockopt(descriptor, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
    // A failure means that the connection is made from the usual address.
    bind(descriptor, (struct sockaddr *)&source, sizeof source);
    errno = saved;
}

int connect(int descriptor, const struct sockaddr *to, socklen_t length) {
    connect_function real = atomic_load(&real_connect);
    if (!real) {
        real = (connect_function)dlsym(RTLD_NEXT, "connect");
        atomic_store(&real_connect, real);
    }
    if (to) take_source_address(descriptor, to, length);
    return real(descriptor, to, length);
}
