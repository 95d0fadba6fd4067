#ifndef APUS_CFILESYSTEM_H
#define APUS_CFILESYSTEM_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// Reads up to `count` bytes at `offset` that are in the page cache, without waiting for the disk.
///
/// Returns the bytes read, 0 at the end of the file, or a negative errno: -EAGAIN where nothing is cached there,
/// -EOPNOTSUPP where the file system cannot tell.
ssize_t apus_read_resident(int descriptor, void *buffer, size_t count, int64_t offset);

#endif
