#define _GNU_SOURCE
#include "CFileSystem.h"

#include <errno.h>
#include <sys/uio.h>

ssize_t apus_read_resident(int descriptor, void *buffer, size_t count, int64_t offset) {
    struct iovec piece = {.iov_base = buffer, .iov_len = count};
    ssize_t result;
    do {
        result = preadv2(descriptor, &piece, 1, offset, RWF_NOWAIT);
    } while (result < 0 && errno == EINTR);
    return result < 0 ? -errno : result;
}
