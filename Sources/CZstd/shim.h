#ifndef APUS_ZSTD_SHIM_H
#define APUS_ZSTD_SHIM_H

#include <zstd.h>
#include <zstd_errors.h>

#endif
