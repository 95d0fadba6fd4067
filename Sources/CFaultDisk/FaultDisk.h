#ifndef FAULT_DISK_H
#define FAULT_DISK_H

#include <stdbool.h>
#include <stdint.h>

// A program that this is loaded into may have functions of any name; nothing of ours is seen but what is interposed.
#pragma GCC visibility push(hidden)

/// What the control file asks for at the moment.
struct fault_disk_faults {
    /// Before every write and every change of a size, in milliseconds.
    uint32_t slow_write;
    /// Before every synchronization, in milliseconds.
    uint32_t slow_fsync;
    /// What every synchronization fails with; 0 for none.
    uint32_t fail_fsync;
    /// Whether nothing grows any more.
    bool full;
};

/// Reads the control file where it has changed, and looks whether anything is asked for at all.
bool fault_disk_active(struct fault_disk_faults *faults);

/// Whether an open file lies below the folder.
bool fault_disk_covers(int descriptor);

/// Whether a path that is about to be opened lies below the folder.
bool fault_disk_covers_path(int folder, const char *path);

/// Waits; signals do not shorten it, and `errno` stays.
void fault_disk_wait(uint32_t milliseconds);

#pragma GCC visibility pop

#endif
