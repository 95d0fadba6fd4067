#ifndef APUS_CFAULTCLOCK_H
#define APUS_CFAULTCLOCK_H

/// Names the control file. The library does nothing where it is not set.
#define APUS_FAULT_CLOCK_FILE "APUS_FAULT_CLOCK"

#endif
