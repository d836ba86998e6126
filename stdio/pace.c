/* The pace of messages; see pace.h. */
#include "stdio/pace.h"

/* The least that mail data must bring, over each window. */
#define OCTETS_A_SECOND_LEAST 100

void
data_pace_begin(struct data_pace *pace, unsigned seconds)
{
	pace->seconds = seconds;
	pace->window_end = deadline_in(seconds);
	pace->window_octets = 0;
}

/* Before the seconds have passed, or the window ends without its share. */
struct deadline
data_pace_next(struct data_pace *pace)
{
	uint64_t share = (uint64_t)pace->seconds * OCTETS_A_SECOND_LEAST;
	struct deadline deadline = deadline_in(pace->seconds);

	if (pace->window_octets >= share) {
		if (deadline_left(pace->window_end) > 0)
			return deadline;
		pace->window_end = deadline;
		pace->window_octets = 0;
	}
	return deadline_earlier(deadline, pace->window_end);
}

void
data_pace_add(struct data_pace *pace, size_t octets)
{
	pace->window_octets += octets;
}
