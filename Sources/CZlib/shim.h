#ifndef APUS_ZLIB_SHIM_H
#define APUS_ZLIB_SHIM_H

#include <zlib.h>

// The initialisers are macros in zlib and so invisible to Swift.

static inline int apus_inflate_init(z_stream *stream, int window_bits) {
    return inflateInit2(stream, window_bits);
}

static inline int apus_deflate_init(z_stream *stream, int level, int window_bits) {
    return deflateInit2(stream, level, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);
}

#endif
