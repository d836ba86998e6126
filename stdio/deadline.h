/* Time limits as absolute instants on the monotonic clock. */
#ifndef STDIO_DEADLINE_H
#define STDIO_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>

struct deadline {
	int64_t instant;        /* milliseconds of the monotonic clock */
};

/* The instant so many seconds from now. */
struct deadline deadline_in(unsigned seconds);

/* The earlier of two. */
struct deadline deadline_earlier(struct deadline a, struct deadline b);

/* Milliseconds until then, as poll(2) wants them; 0 where it has passed. */
int deadline_left(struct deadline deadline);

/* Milliseconds of the monotonic clock, for measuring. */
int64_t deadline_clock(void);

#endif
