#ifndef APUS_CFAULTDISK_H
#define APUS_CFAULTDISK_H

/// Names the control file. The library does nothing where it is not set.
#define APUS_FAULT_DISK_FILE "APUS_FAULT_DISK"

/// Names the folder below which files are slow or fail. The library does nothing where it is not set.
#define APUS_FAULT_DISK_PREFIX "APUS_FAULT_DISK_PREFIX"

#endif
