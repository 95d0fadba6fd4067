#define _GNU_SOURCE 1

#include "CSystem.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define APUS_RETRYING(call)                       \
    ({                                            \
        long apus_result;                         \
        do {                                      \
            apus_result = (long)(call);           \
        } while (apus_result < 0 && errno == EINTR); \
        apus_result < 0 ? -(long)errno : apus_result; \
    })

// MARK: Errors

const char *apus_error_text(int number, char *text, size_t capacity) { return strerror_r(number, text, capacity); }

// MARK: Time

int64_t apus_monotonic_nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

// MARK: Descriptors

int apus_close(int descriptor) {
    // Linux has released the descriptor even where close reports EINTR: never retried.
    return close(descriptor) < 0 ? -errno : 0;
}

int apus_eventfd(void) { return (int)APUS_RETRYING(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)); }

int apus_eventfd_signal(int descriptor) {
    uint64_t one = 1;
    return (int)APUS_RETRYING(write(descriptor, &one, sizeof one));
}

// MARK: epoll

const uint32_t apus_epoll_in = EPOLLIN;
const uint32_t apus_epoll_out = EPOLLOUT;
const uint32_t apus_epoll_peer_closed = EPOLLRDHUP;
const uint32_t apus_epoll_error = EPOLLERR;
const uint32_t apus_epoll_hang_up = EPOLLHUP;
const uint32_t apus_epoll_edge = EPOLLET;

int apus_epoll_create(void) { return (int)APUS_RETRYING(epoll_create1(EPOLL_CLOEXEC)); }

int apus_epoll_control(int epoll, int operation, int descriptor, uint32_t events, uint64_t token) {
    struct epoll_event event = {.events = events, .data = {.u64 = token}};
    return (int)APUS_RETRYING(epoll_ctl(epoll, operation, descriptor, &event));
}

int apus_epoll_wait(int epoll, struct epoll_event *events, int count, int64_t nanoseconds) {
    int result;
    if (nanoseconds <= 0) {
        result = epoll_wait(epoll, events, count, nanoseconds < 0 ? -1 : 0);
    } else {
        struct timespec timeout = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
        result = epoll_pwait2(epoll, events, count, &timeout, NULL);
        if (result < 0 && (errno == ENOSYS || errno == EPERM)) {
            int64_t milliseconds = (nanoseconds + 999999) / 1000000;
            result = epoll_wait(epoll, events, count, milliseconds > 2000000000 ? 2000000000 : (int)milliseconds);
        }
    }
    if (result >= 0) return result;
    return errno == EINTR ? 0 : -errno;
}

uint64_t apus_epoll_token(const struct epoll_event *event) { return event->data.u64; }

uint32_t apus_epoll_events(const struct epoll_event *event) { return event->events; }

// MARK: Threads and signals

uintptr_t apus_thread_current(void) { return (uintptr_t)pthread_self(); }

void apus_thread_name(const char *name) { pthread_setname_np(pthread_self(), name); }

int apus_signal_block(const int *signals, int count) {
    sigset_t set;
    sigemptyset(&set);
    for (int index = 0; index < count; index++) sigaddset(&set, signals[index]);
    return -pthread_sigmask(SIG_BLOCK, &set, NULL);
}

void apus_signal_ignore(int number) { signal(number, SIG_IGN); }

int apus_signalfd(const int *signals, int count) {
    sigset_t set;
    sigemptyset(&set);
    for (int index = 0; index < count; index++) sigaddset(&set, signals[index]);
    return (int)APUS_RETRYING(signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
}

int apus_signalfd_read(int descriptor) {
    struct signalfd_siginfo record;
    long result = APUS_RETRYING(read(descriptor, &record, sizeof record));
    if (result < 0) return (int)result;
    return result == (long)sizeof record ? (int)record.ssi_signo : -EAGAIN;
}

// MARK: Processes

// Between fork and exec: only what is safe in a signal handler.
static void apus_become(
    const char *program, char *const *arguments, char *const *environment, const char *log, pid_t parent, int report) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    setsid();
    int input = open("/dev/null", O_RDONLY);
    int output = open(log, O_WRONLY | O_CREAT | O_APPEND, 0644);
    if (input >= 0 && output >= 0 && dup2(input, 0) >= 0 && dup2(output, 1) >= 0 && dup2(output, 2) >= 0 &&
        prctl(PR_SET_PDEATHSIG, SIGKILL) == 0) {
        // The parent may have ended before the child asked to be told.
        if (getppid() != parent) _exit(127);
        if (input > 2) close(input);
        if (output > 2) close(output);
        execve(program, arguments, environment);
    }
    int number = errno;
    while (write(report, &number, sizeof number) < 0 && errno == EINTR) {}
    _exit(127);
}

int apus_spawn_bound(
    const char *program, char *const *arguments, char *const *environment, const char *log) {
    int report[2];
    if (pipe2(report, O_CLOEXEC) < 0) return -errno;
    pid_t parent = getpid();
    pid_t child = fork();
    if (child == 0) apus_become(program, arguments, environment, log, parent, report[1]);
    int number = child < 0 ? errno : 0;
    close(report[1]);
    if (child > 0) {
        int failure = 0;
        long count = APUS_RETRYING(read(report[0], &failure, sizeof failure));
        if (count == (long)sizeof failure) {
            number = failure;
            long reaped = APUS_RETRYING(waitpid(child, NULL, 0));
            (void)reaped;
        }
    }
    close(report[0]);
    return number ? -number : child;
}

// MARK: Sockets

int apus_socket_stream(int family) {
    return (int)APUS_RETRYING(socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

int apus_bind(int descriptor, const void *address, socklen_t length) {
    return (int)APUS_RETRYING(bind(descriptor, (const struct sockaddr *)address, length));
}

int apus_listen(int descriptor, int backlog) { return (int)APUS_RETRYING(listen(descriptor, backlog)); }

int apus_accept(int descriptor, struct sockaddr_storage *address, socklen_t *length) {
    *length = sizeof *address;
    return (int)APUS_RETRYING(
        accept4(descriptor, (struct sockaddr *)address, length, SOCK_NONBLOCK | SOCK_CLOEXEC));
}

int apus_connect(int descriptor, const void *address, socklen_t length) {
    // An interrupted connect goes on by itself, as one that did not block does.
    if (connect(descriptor, (const struct sockaddr *)address, length) == 0) return 0;
    return errno == EINTR ? -EINPROGRESS : -errno;
}

int apus_local_address(int descriptor, struct sockaddr_storage *address, socklen_t *length) {
    *length = sizeof *address;
    return getsockname(descriptor, (struct sockaddr *)address, length) < 0 ? -errno : 0;
}

int apus_option(int descriptor, int level, int name, int value) {
    return setsockopt(descriptor, level, name, &value, sizeof value) < 0 ? -errno : 0;
}

int apus_reuse_address(int descriptor) { return apus_option(descriptor, SOL_SOCKET, SO_REUSEADDR, 1); }

int apus_keep_alive(int descriptor) { return apus_option(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1); }

int apus_no_delay(int descriptor) { return apus_option(descriptor, IPPROTO_TCP, TCP_NODELAY, 1); }

int apus_quick_ack(int descriptor) { return apus_option(descriptor, IPPROTO_TCP, TCP_QUICKACK, 1); }

int apus_ipv6_only(int descriptor, int value) {
    return apus_option(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, value);
}

int apus_send_buffer(int descriptor, int bytes) {
    return apus_option(descriptor, SOL_SOCKET, SO_SNDBUF, bytes);
}

int apus_receive_buffer(int descriptor, int bytes) {
    return apus_option(descriptor, SOL_SOCKET, SO_RCVBUF, bytes);
}

int apus_receive_low_water(int descriptor, int bytes) {
    return apus_option(descriptor, SOL_SOCKET, SO_RCVLOWAT, bytes);
}

int apus_linger_none(int descriptor) {
    struct linger value = {.l_onoff = 1, .l_linger = 0};
    return setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &value, sizeof value) < 0 ? -errno : 0;
}

int apus_socket_error(int descriptor) {
    int value = 0;
    socklen_t length = sizeof value;
    if (getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &value, &length) < 0) return -errno;
    return -value;
}

int apus_bytes_readable(int descriptor) {
    int count = 0;
    return ioctl(descriptor, FIONREAD, &count) < 0 ? -errno : count;
}

long apus_receive(int descriptor, void *bytes, size_t count) {
    return APUS_RETRYING(recv(descriptor, bytes, count, 0));
}

long apus_send(int descriptor, const void *bytes, size_t count) {
    return APUS_RETRYING(send(descriptor, bytes, count, MSG_NOSIGNAL));
}

long apus_send_pieces(int descriptor, struct iovec *pieces, size_t count, int more) {
    struct msghdr message = {.msg_iov = pieces, .msg_iovlen = count};
    return APUS_RETRYING(sendmsg(descriptor, &message, MSG_NOSIGNAL | (more ? MSG_MORE : 0)));
}

// MARK: Files

long apus_sendfile(int socket, int file, int64_t offset, size_t count) {
    off_t position = offset;
    return APUS_RETRYING(sendfile(socket, file, &position, count));
}

long apus_pread(int file, void *bytes, size_t count, int64_t offset) {
    return APUS_RETRYING(pread(file, bytes, count, offset));
}

long apus_pread_nowait(int file, void *bytes, size_t count, int64_t offset) {
    struct iovec piece = {.iov_base = bytes, .iov_len = count};
    return APUS_RETRYING(preadv2(file, &piece, 1, offset, RWF_NOWAIT));
}

int apus_read_ahead(int file, int64_t offset, size_t count) {
    return (int)APUS_RETRYING(readahead(file, offset, count));
}

// MARK: Addresses

socklen_t apus_address_parse(const char *text, uint16_t port, struct sockaddr_storage *address) {
    memset(address, 0, sizeof *address);
    struct sockaddr_in *v4 = (struct sockaddr_in *)address;
    if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(port);
        return sizeof *v4;
    }
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)address;
    if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(port);
        return sizeof *v6;
    }
    return 0;
}

uint16_t apus_address_port(const struct sockaddr_storage *address) {
    if (address->ss_family == AF_INET) return ntohs(((const struct sockaddr_in *)address)->sin_port);
    if (address->ss_family == AF_INET6) return ntohs(((const struct sockaddr_in6 *)address)->sin6_port);
    return 0;
}

int apus_address_host(const struct sockaddr_storage *address, char *text) {
    text[0] = 0;
    if (address->ss_family == AF_INET) {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)address;
        return inet_ntop(AF_INET, &v4->sin_addr, text, INET6_ADDRSTRLEN) ? 0 : -errno;
    }
    if (address->ss_family == AF_INET6) {
        const struct in6_addr *v6 = &((const struct sockaddr_in6 *)address)->sin6_addr;
        if (IN6_IS_ADDR_V4MAPPED(v6)) return inet_ntop(AF_INET, &v6->s6_addr[12], text, INET6_ADDRSTRLEN) ? 0 : -errno;
        return inet_ntop(AF_INET6, v6, text, INET6_ADDRSTRLEN) ? 0 : -errno;
    }
    return -EAFNOSUPPORT;
}

int apus_address_resolve(
    const char *host, uint16_t port, struct sockaddr_storage *addresses, socklen_t *lengths, int capacity) {
    struct addrinfo hints;
    memset(&hints, 0, sizeof hints);
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG;
    struct addrinfo *found = NULL;
    int result = getaddrinfo(host, NULL, &hints, &found);
    if (result != 0) return result;
    int count = 0;
    for (struct addrinfo *next = found; next != NULL && count < capacity; next = next->ai_next) {
        if (next->ai_addrlen > sizeof(struct sockaddr_storage)) continue;
        memset(&addresses[count], 0, sizeof addresses[count]);
        memcpy(&addresses[count], next->ai_addr, next->ai_addrlen);
        lengths[count] = next->ai_addrlen;
        if (next->ai_family == AF_INET) ((struct sockaddr_in *)&addresses[count])->sin_port = htons(port);
        else if (next->ai_family == AF_INET6) ((struct sockaddr_in6 *)&addresses[count])->sin6_port = htons(port);
        else continue;
        count++;
    }
    freeaddrinfo(found);
    return count;
}
