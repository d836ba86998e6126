/*
 * How fast a message must come: each window of so many seconds has to bring
 * its share, so that who drips does not hold the connection for ever.
 */
#ifndef STDIO_PACE_H
#define STDIO_PACE_H

#include <stddef.h>
#include <stdint.h>

#include "stdio/deadline.h"

struct data_pace {
	unsigned seconds;               /* that nothing at all may come */
	struct deadline window_end;
	uint64_t window_octets;
};

void data_pace_begin(struct data_pace *pace, unsigned seconds);

/* When the next octets have to be there. */
struct deadline data_pace_next(struct data_pace *pace);

/* So many have come. */
void data_pace_add(struct data_pace *pace, size_t octets);

#endif
