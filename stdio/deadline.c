/* Deadlines; see deadline.h. */
#include "stdio/deadline.h"

#include <limits.h>
#include <time.h>

int64_t
deadline_clock(void)
{
	struct timespec now;

	/* Cannot fail: POSIX.1-2008 with this clock, and now is ours. */
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct deadline
deadline_in(unsigned seconds)
{
	struct deadline deadline;

	deadline.instant = deadline_clock() + (int64_t)seconds * 1000;
	return deadline;
}

struct deadline
deadline_earlier(struct deadline a, struct deadline b)
{
	return a.instant < b.instant ? a : b;
}

int
deadline_left(struct deadline deadline)
{
	int64_t left = deadline.instant - deadline_clock();

	if (left <= 0)
		return 0;
	return left > INT_MAX ? INT_MAX : (int)left;
}
