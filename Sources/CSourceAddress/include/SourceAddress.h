#ifndef APUS_SOURCE_ADDRESS_H
#define APUS_SOURCE_ADDRESS_H

#include <sys/socket.h>

/// Stands in for the system's `connect`: a connection to a loopback address begins at the address in the environment
/// variable APUS_SOURCE_ADDRESS, if there is one.
int connect(int descriptor, const struct sockaddr *to, socklen_t length);

#endif
