#ifndef APUS_YAML_SHIM_H
#define APUS_YAML_SHIM_H

#include <yaml.h>

#endif
