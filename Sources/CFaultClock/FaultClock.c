// The functions of the C library that tell the time of day, and the control file that says how wrong they are.
#define _GNU_SOURCE
#include "CFaultClock.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

// The file is read no more often than this.
#define CHECK_NANOSECONDS 10000000

// No shift is longer than this (ten years), so that no sum overflows.
#define SHIFT_MILLISECONDS_MAX (INT64_C(10) * 366 * 24 * 60 * 60 * 1000)

static const char *control_path;

/// What is added to the time of day, in milliseconds; one word, so that all threads jump at the same moment.
static _Atomic int64_t shift;
static _Atomic int64_t next_check;
static atomic_flag is_checking = ATOMIC_FLAG_INIT;

/// The C library's function; NULL until the constructor has found it.
static __typeof__(&clock_gettime) _Atomic next_clock_gettime;

/// The clock as it is. Whoever asks while the process is being started, `dlsym` among them, gets the system's answer.
static int true_time(clockid_t clock, struct timespec *time) {
    __typeof__(&clock_gettime) next = atomic_load_explicit(&next_clock_gettime, memory_order_relaxed);
    return next != NULL ? next(clock, time) : (int)syscall(SYS_clock_gettime, clock, time);
}

/// What the control file asks for; a line that is not understood is complained about once and does nothing.
static int64_t read_shift(char *text) {
    static bool has_complained;
    int64_t milliseconds = 0;
    char *rest = text;
    for (char *line; (line = strtok_r(rest, "\n", &rest)) != NULL;) {
        if (*line == '#') continue;
        char *end = line;
        long long value = strncmp(line, "shift ", 6) == 0 ? strtoll(line + 6, &end, 10) : 0;
        if (end > line + 6 && *end == 0 && value >= -SHIFT_MILLISECONDS_MAX && value <= SHIFT_MILLISECONDS_MAX) {
            milliseconds = value;
        } else if (!has_complained) {
            has_complained = true;
            dprintf(STDERR_FILENO, "%s: %s: not understood: %s\n", APUS_FAULT_CLOCK_FILE, control_path, line);
        }
    }
    return milliseconds;
}

static void read_control(void) {
    char text[1024];
    // The system call itself, because other libraries stand in front of `open`.
    int descriptor = (int)syscall(SYS_openat, AT_FDCWD, control_path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        // A process that has no descriptor left keeps the time that it has.
        if (errno == ENOENT) atomic_store_explicit(&shift, 0, memory_order_relaxed);
        return;
    }
    ssize_t count = read(descriptor, text, sizeof text - 1);
    close(descriptor);
    if (count < 0) return;
    text[count] = 0;
    atomic_store_explicit(&shift, read_shift(text), memory_order_relaxed);
}

/// How far the time of day is from the truth now, in milliseconds. `errno` stays.
static int64_t current_shift(void) {
    if (control_path == NULL) return 0;
    // The coarse clock costs a quarter of the exact one, and a few milliseconds are exact enough.
    struct timespec now;
    true_time(CLOCK_MONOTONIC_COARSE, &now);
    int64_t nanoseconds = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
    if (nanoseconds >= atomic_load_explicit(&next_check, memory_order_relaxed)
        && !atomic_flag_test_and_set_explicit(&is_checking, memory_order_acquire)) {
        int before = errno;
        atomic_store_explicit(&next_check, nanoseconds + CHECK_NANOSECONDS, memory_order_relaxed);
        read_control();
        errno = before;
        atomic_flag_clear_explicit(&is_checking, memory_order_release);
    }
    return atomic_load_explicit(&shift, memory_order_relaxed);
}

__attribute__((constructor(101))) static void start(void) {
    next_clock_gettime = (__typeof__(&clock_gettime))dlsym(RTLD_NEXT, "clock_gettime");
    const char *file = getenv(APUS_FAULT_CLOCK_FILE);
    if (file != NULL && *file != 0) control_path = strdup(file);
}

static bool is_time_of_day(clockid_t clock) {
    return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    int result = true_time(clock, time);
    if (result != 0 || !is_time_of_day(clock)) return result;
    int64_t milliseconds = current_shift();
    if (milliseconds == 0) return 0;
    time->tv_sec += milliseconds / 1000;
    time->tv_nsec += milliseconds % 1000 * 1000000;
    if (time->tv_nsec >= 1000000000) {
        time->tv_sec++;
        time->tv_nsec -= 1000000000;
    } else if (time->tv_nsec < 0) {
        time->tv_sec--;
        time->tv_nsec += 1000000000;
    }
    return 0;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
    // What the C library answers since the system has no time zone of its own.
    if (zone != NULL) memset(zone, 0, sizeof(struct timezone));
    struct timespec now;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0) return -1;
    time->tv_sec = now.tv_sec;
    time->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *result) {
    struct timespec now;
    if (clock_gettime(CLOCK_REALTIME_COARSE, &now) != 0) return -1;
    if (result != NULL) *result = now.tv_sec;
    return now.tv_sec;
}
