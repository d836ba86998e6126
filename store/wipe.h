/* Secrets do not stay in memory. */
#ifndef STORE_WIPE_H
#define STORE_WIPE_H

#include <stddef.h>

/* Overwrites memory with zeros, in a way that no compiler leaves out. */
void wipe(void *memory, size_t size);

#endif
