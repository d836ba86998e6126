/* Secrets; see wipe.h. */
#include "store/wipe.h"

#include <string.h>

/* Through a volatile pointer: what it calls cannot be known beforehand. */
static void *(*const volatile fill)(void *, int, size_t) = memset;

void
wipe(void *memory, size_t size)
{
	fill(memory, 0, size);
}
