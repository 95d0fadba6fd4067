#ifndef APUS_CSYSTEM_H
#define APUS_CSYSTEM_H

#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>

// MARK: Errors

/// The system's words for `number`; the result is `text` or a constant.
const char *apus_error_text(int number, char *text, size_t capacity);

// MARK: Time

int64_t apus_monotonic_nanoseconds(void);

// MARK: Descriptors

int apus_close(int descriptor);

int apus_eventfd(void);

int apus_eventfd_signal(int descriptor);

// MARK: epoll

extern const uint32_t apus_epoll_in;
extern const uint32_t apus_epoll_out;
extern const uint32_t apus_epoll_peer_closed;
extern const uint32_t apus_epoll_error;
extern const uint32_t apus_epoll_hang_up;
extern const uint32_t apus_epoll_edge;

int apus_epoll_create(void);

int apus_epoll_control(int epoll, int operation, int descriptor, uint32_t events, uint64_t token);

/// Waits at most `nanoseconds` (-1: for ever). EINTR is reported as no events.
int apus_epoll_wait(int epoll, struct epoll_event *events, int count, int64_t nanoseconds);

uint64_t apus_epoll_token(const struct epoll_event *event);

uint32_t apus_epoll_events(const struct epoll_event *event);

// MARK: Threads and signals

uintptr_t apus_thread_current(void);

void apus_thread_name(const char *name);

/// Blocks the signals in the calling thread and in threads it starts later.
int apus_signal_block(const int *signals, int count);

void apus_signal_ignore(int number);

int apus_signalfd(const int *signals, int count);

/// The number of the next signal.
int apus_signalfd_read(int descriptor);

// MARK: Processes

/// Starts a program in a session of its own, its output appended to `log`; it gets SIGKILL when the calling thread ends,
/// and so when this process does. The pid, or -errno where it could not be started.
int apus_spawn_bound(
    const char *program, char *const *arguments, char *const *environment, const char *log);

// MARK: Sockets

int apus_socket_stream(int family);

int apus_bind(int descriptor, const void *address, socklen_t length);

int apus_listen(int descriptor, int backlog);

/// The accepted socket does not block and is closed on exec.
int apus_accept(int descriptor, struct sockaddr_storage *address, socklen_t *length);

int apus_connect(int descriptor, const void *address, socklen_t length);

int apus_local_address(int descriptor, struct sockaddr_storage *address, socklen_t *length);

int apus_option(int descriptor, int level, int name, int value);

int apus_reuse_address(int descriptor);

int apus_keep_alive(int descriptor);

int apus_no_delay(int descriptor);

int apus_quick_ack(int descriptor);

int apus_ipv6_only(int descriptor, int value);

int apus_send_buffer(int descriptor, int bytes);

int apus_receive_buffer(int descriptor, int bytes);

/// Readiness to read is reported from so many bytes on (SO_RCVLOWAT), and at the end and for errors in any case.
int apus_receive_low_water(int descriptor, int bytes);

/// Close sends a reset and drops what was not sent.
int apus_linger_none(int descriptor);

/// What SO_ERROR holds, as -errno; 0 for no error.
int apus_socket_error(int descriptor);

/// Bytes that can be read now.
int apus_bytes_readable(int descriptor);

long apus_receive(int descriptor, void *bytes, size_t count);

long apus_send(int descriptor, const void *bytes, size_t count);

/// Gathers the pieces into one send; `more` says that more follows at once.
long apus_send_pieces(int descriptor, struct iovec *pieces, size_t count, int more);

// MARK: Files

long apus_sendfile(int socket, int file, int64_t offset, size_t count);

long apus_pread(int file, void *bytes, size_t count, int64_t offset);

/// Reads what the page cache holds; -EAGAIN where the first byte is not there, -EOPNOTSUPP on some file systems.
long apus_pread_nowait(int file, void *bytes, size_t count, int64_t offset);

/// Starts reading the range into the page cache.
int apus_read_ahead(int file, int64_t offset, size_t count);

// MARK: Addresses

/// `text` as an IPv4 or IPv6 address: its length, or 0 where it is neither.
socklen_t apus_address_parse(const char *text, uint16_t port, struct sockaddr_storage *address);

uint16_t apus_address_port(const struct sockaddr_storage *address);

/// The numeric host, an IPv4 address that was mapped into IPv6 as IPv4. `text` holds INET6_ADDRSTRLEN bytes.
int apus_address_host(const struct sockaddr_storage *address, char *text);

/// Looks `host` up, which may wait: at most `capacity` stream addresses. The count, or an EAI code (negative).
int apus_address_resolve(
    const char *host, uint16_t port, struct sockaddr_storage *addresses, socklen_t *lengths, int capacity);

#endif
