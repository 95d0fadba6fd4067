#ifndef APUS_LZ4_SHIM_H
#define APUS_LZ4_SHIM_H

#include <lz4frame.h>

#endif
