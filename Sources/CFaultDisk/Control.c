// What the control file says, and which files it means.
#define _GNU_SOURCE
#include "CFaultDisk.h"
#include "FaultDisk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// The file is looked at no more often than this.
#define CHECK_NANOSECONDS 10000000

// No wait is longer than what 24 bits of milliseconds hold (over four hours).
#define WAIT_MAX 0xffffff

static const char *control_path;
static const char *prefix;

// All faults in one word, so that no thread sees half of a change: 24 bits slow_write, 24 slow_fsync, 15 fail_fsync, 1 full.
static _Atomic uint64_t faults_word;
static _Atomic int64_t next_check;
static atomic_flag is_checking = ATOMIC_FLAG_INIT;

// The file when it was last read; guarded by `is_checking`.
static struct timespec seen_time;
static off_t seen_size;
static ino_t seen_inode;
static bool is_seen;

static uint64_t packed(const struct fault_disk_faults *faults) {
    return (uint64_t)faults->slow_write << 40 | (uint64_t)faults->slow_fsync << 16 | (uint64_t)faults->fail_fsync << 1
        | (faults->full ? 1 : 0);
}

static struct fault_disk_faults unpacked(uint64_t word) {
    return (struct fault_disk_faults){
        .slow_write = word >> 40,
        .slow_fsync = word >> 16 & WAIT_MAX,
        .fail_fsync = word >> 1 & 0x7fff,
        .full = word & 1,
    };
}

static int error_number(const char *text) {
    static const struct {
        const char *name;
        int number;
    } names[] = {{"EIO", EIO}, {"ENOSPC", ENOSPC}, {"EDQUOT", EDQUOT}, {"EROFS", EROFS}};
    for (size_t index = 0; index < sizeof names / sizeof *names; index++) {
        if (strcmp(text, names[index].name) == 0) return names[index].number;
    }
    int number = atoi(text);
    return number > 0 && number < 4096 ? number : EIO;
}

static uint32_t milliseconds(const char *text) {
    long number = strtol(text, NULL, 10);
    return number < 0 ? 0 : number > WAIT_MAX ? WAIT_MAX : (uint32_t)number;
}

/// One line of the file; one that is not understood is complained about once and does nothing.
static void read_line(char *line, struct fault_disk_faults *faults) {
    char *rest = line;
    char *word = strtok_r(rest, " \t\r", &rest);
    if (word == NULL || *word == '#') return;
    char *value = strtok_r(rest, " \t\r", &rest);
    if (strcmp(word, "full") == 0 && value == NULL) {
        faults->full = true;
    } else if (strcmp(word, "slow-write") == 0 && value != NULL) {
        faults->slow_write = milliseconds(value);
    } else if (strcmp(word, "slow-fsync") == 0 && value != NULL) {
        faults->slow_fsync = milliseconds(value);
    } else if (strcmp(word, "fail-fsync") == 0 && value != NULL) {
        faults->fail_fsync = error_number(value);
    } else {
        dprintf(STDERR_FILENO, "%s: %s: not understood: %s\n", APUS_FAULT_DISK_FILE, control_path, word);
    }
}

static struct fault_disk_faults read_control(void) {
    struct fault_disk_faults faults = {0};
    char text[1024];
    // The system call itself: `open` is one of the functions that this library stands in front of.
    int descriptor = (int)syscall(SYS_openat, AT_FDCWD, control_path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return faults;
    ssize_t count = read(descriptor, text, sizeof text - 1);
    close(descriptor);
    text[count > 0 ? count : 0] = 0;
    char *rest = text;
    for (char *line; (line = strtok_r(rest, "\n", &rest)) != NULL;) read_line(line, &faults);
    return faults;
}

static void check_control(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    int64_t nanoseconds = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
    if (nanoseconds < atomic_load_explicit(&next_check, memory_order_relaxed)) return;
    if (atomic_flag_test_and_set_explicit(&is_checking, memory_order_acquire)) return;
    atomic_store_explicit(&next_check, nanoseconds + CHECK_NANOSECONDS, memory_order_relaxed);
    struct stat status;
    if (stat(control_path, &status) != 0) {
        is_seen = false;
        atomic_store(&faults_word, 0);
    } else if (
        !is_seen || status.st_mtim.tv_sec != seen_time.tv_sec || status.st_mtim.tv_nsec != seen_time.tv_nsec
        || status.st_size != seen_size || status.st_ino != seen_inode) {
        is_seen = true;
        seen_time = status.st_mtim;
        seen_size = status.st_size;
        seen_inode = status.st_ino;
        struct fault_disk_faults faults = read_control();
        atomic_store(&faults_word, packed(&faults));
    }
    atomic_flag_clear_explicit(&is_checking, memory_order_release);
}

__attribute__((constructor(101))) static void start(void) {
    const char *file = getenv(APUS_FAULT_DISK_FILE);
    const char *folder = getenv(APUS_FAULT_DISK_PREFIX);
    if (file == NULL || *file == 0 || folder == NULL || *folder == 0) return;
    // Links in it are resolved, because the system names open files without them. It must not end in a slash.
    char *resolved = realpath(folder, NULL);
    if (resolved == NULL) {
        resolved = strdup(folder);
        size_t length = strlen(resolved);
        while (length > 1 && resolved[length - 1] == '/') resolved[--length] = 0;
    }
    prefix = resolved;
    control_path = strdup(file);
}

bool fault_disk_active(struct fault_disk_faults *faults) {
    if (control_path == NULL) return false;
    int before = errno;
    check_control();
    errno = before;
    uint64_t word = atomic_load_explicit(&faults_word, memory_order_acquire);
    *faults = unpacked(word);
    return word != 0;
}

static bool is_below(const char *path) {
    size_t length = strlen(prefix);
    return strncmp(path, prefix, length) == 0 && (path[length] == 0 || path[length] == '/');
}

bool fault_disk_covers(int descriptor) {
    int before = errno;
    char name[32];
    char path[PATH_MAX + 1];
    snprintf(name, sizeof name, "/proc/self/fd/%d", descriptor);
    ssize_t count = readlink(name, path, sizeof path - 1);
    errno = before;
    if (count <= 0) return false;
    path[count] = 0;
    return is_below(path);
}

bool fault_disk_covers_path(int folder, const char *path) {
    int before = errno;
    char parent[PATH_MAX + 1];
    char resolved[PATH_MAX + 1];
    bool covers = false;
    const char *slash = strrchr(path, '/');
    size_t length = slash == NULL ? 0 : (size_t)(slash - path);
    if (length == 0) length = slash == NULL ? 0 : 1;
    if (length < sizeof parent) {
        // The file may not exist yet; the folder it is to lie in does, or the call fails by itself.
        memcpy(parent, path, length);
        parent[length] = 0;
        int opened = (int)syscall(SYS_openat, folder, length == 0 ? "." : parent, O_PATH | O_CLOEXEC);
        if (opened >= 0) {
            snprintf(parent, sizeof parent, "/proc/self/fd/%d", opened);
            ssize_t count = readlink(parent, resolved, sizeof resolved - 1);
            close(opened);
            resolved[count > 0 ? count : 0] = 0;
            covers = is_below(resolved);
        }
    }
    errno = before;
    return covers;
}

void fault_disk_wait(uint32_t milliseconds) {
    if (milliseconds == 0) return;
    int before = errno;
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += milliseconds / 1000;
    until.tv_nsec += (long)(milliseconds % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR) {
    }
    errno = before;
}
