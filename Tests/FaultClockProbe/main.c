// A process that tells the time as it is asked to, to see what a clock at fault does to it.
//
// Reads lines, each the name of a clock or of a function, and answers each with `NANOSECONDS ERRNO`: what it tells, and
// what `errno` is afterwards, which was 77 before. A name that is none of these is answered with the time 0, and a time
// that no clock may tell, for its second has more than a second's parts, with -1.
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

static const struct {
    const char *name;
    clockid_t clock;
} clocks[] = {
    {"realtime", CLOCK_REALTIME},
    {"realtime-coarse", CLOCK_REALTIME_COARSE},
    {"tai", CLOCK_TAI},
    {"monotonic", CLOCK_MONOTONIC},
    {"monotonic-coarse", CLOCK_MONOTONIC_COARSE},
    {"boottime", CLOCK_BOOTTIME},
    {"process", CLOCK_PROCESS_CPUTIME_ID},
    {"unknown", 9999},
};

static long long told(const char *name) {
    struct timespec exact = {0};
    struct timeval coarse = {0};
    if (strcmp(name, "gettimeofday") == 0) {
        gettimeofday(&coarse, NULL);
        return (long long)coarse.tv_sec * 1000000000 + coarse.tv_usec * 1000;
    }
    if (strcmp(name, "time") == 0) {
        time_t seconds = 0;
        return time(&seconds) == seconds ? (long long)seconds * 1000000000 : 0;
    }
    for (size_t index = 0; index < sizeof clocks / sizeof *clocks; index++) {
        if (strcmp(name, clocks[index].name) == 0) clock_gettime(clocks[index].clock, &exact);
    }
    if (exact.tv_nsec < 0 || exact.tv_nsec >= 1000000000) return -1;
    return (long long)exact.tv_sec * 1000000000 + exact.tv_nsec;
}

int main(void) {
    char line[64];
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = 0;
        errno = 77;
        long long time = told(line);
        int error = errno;
        printf("%lld %d\n", time, error);
        fflush(stdout);
    }
    return 0;
}
