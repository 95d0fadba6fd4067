#ifndef APUS_SNAPPY_SHIM_H
#define APUS_SNAPPY_SHIM_H

#include <snappy-c.h>

#endif
