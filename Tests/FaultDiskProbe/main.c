// A process that touches files as it is told, to see what a disk at fault does to it.
//
// Reads lines `CALL PATH [NUMBER]` and answers each with `RESULT MILLISECONDS`: the call's error number, 0 for none. A
// file is opened at its first call and stays open. NUMBER is a size in bytes; writes go to the file's end.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define FILES_MAX 16

static struct {
    char path[512];
    int descriptor;
} files[FILES_MAX];
static int file_count;

static int opened(const char *path) {
    for (int index = 0; index < file_count; index++) {
        if (strcmp(files[index].path, path) == 0) return files[index].descriptor;
    }
    struct stat status;
    int is_folder = stat(path, &status) == 0 && S_ISDIR(status.st_mode);
    int descriptor = is_folder ? open(path, O_RDONLY) : open(path, O_RDWR | O_CREAT, 0644);
    if (descriptor >= 0 && file_count < FILES_MAX) {
        snprintf(files[file_count].path, sizeof files[file_count].path, "%s", path);
        files[file_count++].descriptor = descriptor;
    }
    return descriptor;
}

static int perform(const char *call, const char *path, size_t size) {
    static char bytes[1 << 16];
    struct iovec pieces[2] = {{bytes, size / 2}, {bytes, size - size / 2}};
    if (strcmp(call, "mkdir") == 0) return mkdir(path, 0755) == 0 ? 0 : errno;
    int file = opened(path);
    if (file < 0) return errno;
    off_t end = lseek(file, 0, SEEK_END);
    ssize_t result = 0;
    if (strcmp(call, "open") == 0) return 0;
    if (strcmp(call, "write") == 0) result = write(file, bytes, size);
    else if (strcmp(call, "writev") == 0) result = writev(file, pieces, 2);
    else if (strcmp(call, "pwrite") == 0) result = pwrite(file, bytes, size, end);
    else if (strcmp(call, "pwrite64") == 0) result = pwrite64(file, bytes, size, end);
    else if (strcmp(call, "pwritev") == 0) result = pwritev(file, pieces, 2, end);
    else if (strcmp(call, "rewrite") == 0) result = pwrite(file, bytes, size, 0);
    else if (strcmp(call, "fsync") == 0) result = fsync(file);
    else if (strcmp(call, "fdatasync") == 0) result = fdatasync(file);
    else if (strcmp(call, "ftruncate") == 0) result = ftruncate(file, (off_t)size);
    else if (strcmp(call, "posix_fallocate") == 0) return posix_fallocate(file, end, (off_t)size);
    else return ENOSYS;
    return result < 0 ? errno : 0;
}

static long long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (long long)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

int main(void) {
    char line[1024];
    char call[32];
    char path[512];
    while (fgets(line, sizeof line, stdin) != NULL) {
        size_t size = 0;
        if (sscanf(line, "%31s %511s %zu", call, path, &size) < 2) return 2;
        long long began = now();
        int result = perform(call, path, size);
        printf("%d %lld\n", result, now() - began);
        fflush(stdout);
    }
    return 0;
}
