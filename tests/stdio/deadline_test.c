/* Deadlines: how much is left, and which of two is the earlier. */
#include "stdio/deadline.h"

#include <limits.h>
#include <poll.h>

#include "tests/lib/check.h"

int
main(void)
{
	struct deadline now = deadline_in(0), soon = deadline_in(10);
	struct deadline far = { INT64_MAX }, past = { INT64_MIN / 2 };
	struct deadline most = deadline_in(UINT_MAX), turn = deadline_in(1);
	int64_t before = deadline_clock();
	int left = deadline_left(soon), rounds = 0;

	CHECK(deadline_left(now) == 0, "nothing is left of no time");
	CHECK(left > 5000 && left <= 10000, "ten seconds are some milliseconds");
	CHECK(deadline_left(far) == INT_MAX, "what poll(2) cannot wait for is cut");
	CHECK(deadline_left(most) == INT_MAX,
	    "the most seconds that can be asked for do not wrap");
	CHECK(deadline_left(past) == 0, "nothing is left of what is long past");
	CHECK(deadline_earlier(now, soon).instant == now.instant &&
	    deadline_earlier(soon, now).instant == now.instant &&
	    deadline_earlier(now, now).instant == now.instant,
	    "the earlier of two, in either order");

	/* What is left is what poll() waits: at its end nothing is. */
	while (deadline_left(turn) > 0 && rounds < 1000) {
		(void)poll(NULL, 0, deadline_left(turn));
		rounds++;
	}
	CHECK(deadline_clock() - before >= 990 && rounds < 1000,
	    "a second passes, and then nothing is left");
	CHECK(deadline_left(soon) < left, "what is left becomes less");
	return check_end();
}
