#ifndef APUS_ZSTD_SHIM_H
#define APUS_ZSTD_SHIM_H

#include <zstd.h>

#endif
