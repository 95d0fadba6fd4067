// The functions of the C library that this library stands in front of, under all names by which programs call them.
#define _GNU_SOURCE
#include "FaultDisk.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

// off_t has 64 bits here, so `pwrite` and `pwrite64` and all such pairs are one function.
_Static_assert(sizeof(off_t) == 8, "a 32-bit off_t needs wrappers of its own");

// The next function of that name: the C library's. Looked up at the first call, by every thread that comes meanwhile.
#define NEXT(name)                                                                                                     \
    ({                                                                                                                 \
        static __typeof__(&name) _Atomic next;                                                                         \
        __typeof__(&name) found = next;                                                                                \
        if (found == NULL) next = found = (__typeof__(&name))dlsym(RTLD_NEXT, #name);                                  \
        found;                                                                                                         \
    })

#define ALIAS(original, name) extern __typeof__(original) name __attribute__((alias(#original)))

/// Whether a file on a disk without room takes bytes up to `end`: those it already has, it can be given anew.
static bool has_room(int descriptor, off_t end) {
    int before = errno;
    struct stat status;
    bool has_room = fstat(descriptor, &status) == 0 && end <= status.st_size;
    errno = before;
    return has_room;
}

static off_t position(int descriptor) {
    int before = errno;
    int flags = fcntl(descriptor, F_GETFL);
    off_t position = flags >= 0 && flags & O_APPEND ? -1 : lseek(descriptor, 0, SEEK_CUR);
    if (position < 0) {
        struct stat status;
        position = fstat(descriptor, &status) == 0 ? status.st_size : 0;
    }
    errno = before;
    return position;
}

/// What goes before a write: the wait, and the answer of a disk that has no room. An `offset` below 0 is the file's own.
static bool refuses_write(int descriptor, off_t offset, size_t count) {
    struct fault_disk_faults faults;
    if (!fault_disk_active(&faults) || (faults.slow_write == 0 && !faults.full)) return false;
    if (!fault_disk_covers(descriptor)) return false;
    fault_disk_wait(faults.slow_write);
    if (!faults.full) return false;
    return !has_room(descriptor, (offset < 0 ? position(descriptor) : offset) + (off_t)count);
}

/// What goes before a synchronization: the wait, and what it fails with, 0 for nothing.
static int synchronization_error(int descriptor) {
    struct fault_disk_faults faults;
    if (!fault_disk_active(&faults) || (faults.slow_fsync == 0 && faults.fail_fsync == 0)) return 0;
    if (!fault_disk_covers(descriptor)) return 0;
    fault_disk_wait(faults.slow_fsync);
    return (int)faults.fail_fsync;
}

static size_t total(const struct iovec *pieces, int count) {
    size_t total = 0;
    for (int index = 0; index < count; index++) total += pieces[index].iov_len;
    return total;
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
    if (refuses_write(descriptor, -1, count)) return errno = ENOSPC, -1;
    return NEXT(write)(descriptor, bytes, count);
}

ssize_t writev(int descriptor, const struct iovec *pieces, int count) {
    if (refuses_write(descriptor, -1, total(pieces, count))) return errno = ENOSPC, -1;
    return NEXT(writev)(descriptor, pieces, count);
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
    if (refuses_write(descriptor, offset, count)) return errno = ENOSPC, -1;
    return NEXT(pwrite)(descriptor, bytes, count, offset);
}

ALIAS(pwrite, pwrite64);

ssize_t pwritev(int descriptor, const struct iovec *pieces, int count, off_t offset) {
    if (refuses_write(descriptor, offset, total(pieces, count))) return errno = ENOSPC, -1;
    return NEXT(pwritev)(descriptor, pieces, count, offset);
}

ALIAS(pwritev, pwritev64);

int fsync(int descriptor) {
    int error = synchronization_error(descriptor);
    if (error != 0) return errno = error, -1;
    return NEXT(fsync)(descriptor);
}

int fdatasync(int descriptor) {
    int error = synchronization_error(descriptor);
    if (error != 0) return errno = error, -1;
    return NEXT(fdatasync)(descriptor);
}

int ftruncate(int descriptor, off_t size) {
    if (refuses_write(descriptor, 0, (size_t)size)) return errno = ENOSPC, -1;
    return NEXT(ftruncate)(descriptor, size);
}

ALIAS(ftruncate, ftruncate64);

int posix_fallocate(int descriptor, off_t offset, off_t count) {
    if (refuses_write(descriptor, offset, (size_t)count)) return ENOSPC;
    return NEXT(posix_fallocate)(descriptor, offset, count);
}

ALIAS(posix_fallocate, posix_fallocate64);

int fallocate(int descriptor, int mode, off_t offset, off_t count) {
    if (refuses_write(descriptor, offset, (size_t)count)) return errno = ENOSPC, -1;
    return NEXT(fallocate)(descriptor, mode, offset, count);
}

ALIAS(fallocate, fallocate64);

/// Whether a disk without room refuses to create a file that is not there.
static bool refuses_creation(int folder, const char *path) {
    struct fault_disk_faults faults;
    if (!fault_disk_active(&faults) || !faults.full || path == NULL) return false;
    int before = errno;
    bool is_there = faccessat(folder, path, F_OK, 0) == 0;
    errno = before;
    return !is_there && fault_disk_covers_path(folder, path);
}

// The mode is passed only where a file may be created.
#define READ_MODE(flags, mode)                                                                                         \
    do {                                                                                                               \
        if ((flags) & (O_CREAT | __O_TMPFILE)) {                                                                       \
            va_list arguments;                                                                                         \
            va_start(arguments, flags);                                                                                \
            (mode) = va_arg(arguments, mode_t);                                                                        \
            va_end(arguments);                                                                                         \
        }                                                                                                              \
    } while (0)

int open(const char *path, int flags, ...) {
    mode_t mode = 0;
    READ_MODE(flags, mode);
    if (flags & O_CREAT && refuses_creation(AT_FDCWD, path)) return errno = ENOSPC, -1;
    return NEXT(open)(path, flags, mode);
}

ALIAS(open, open64);

int openat(int folder, const char *path, int flags, ...) {
    mode_t mode = 0;
    READ_MODE(flags, mode);
    if (flags & O_CREAT && refuses_creation(folder, path)) return errno = ENOSPC, -1;
    return NEXT(openat)(folder, path, flags, mode);
}

ALIAS(openat, openat64);

int mkdir(const char *path, mode_t mode) {
    if (refuses_creation(AT_FDCWD, path)) return errno = ENOSPC, -1;
    return NEXT(mkdir)(path, mode);
}
