#ifndef APUS_ISAL_SHIM_H
#define APUS_ISAL_SHIM_H

#include <stddef.h>
#include <stdint.h>

// A machine without the library still builds: the caller then falls back to a table of its own.
#if __has_include(<isa-l/crc.h>)
#include <isa-l/crc.h>

static inline int apus_isal_present(void) { return 1; }

/// The CRC-32C register after `length` bytes, without inversion before or after.
static inline uint32_t apus_isal_crc32c(uint32_t state, const void *bytes, size_t length) {
    const size_t piece_max = 0x40000000;
    unsigned char *next = (unsigned char *)(uintptr_t)bytes;
    while (length > 0) {
        size_t piece = length < piece_max ? length : piece_max;
        state = crc32_iscsi(next, (int)piece, state);
        next += piece;
        length -= piece;
    }
    return state;
}

#else

static inline int apus_isal_present(void) { return 0; }

static inline uint32_t apus_isal_crc32c(uint32_t state, const void *bytes, size_t length) {
    (void)bytes;
    (void)length;
    return state;
}

#endif

#endif
