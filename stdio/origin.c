/*
 * glibc's start of a static program reads the link /proc/self/exe, to know
 * where shared objects would lie beside it.  There are none: the linker puts
 * this function in the place of the one that asks.
 */
#include "stdio/origin.h"

const char *
origin_unknown(void)
{
	return (const char *)-1;        /* which is what that one says, too */
}
