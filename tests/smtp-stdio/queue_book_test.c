/*
 * How long a recipient waits after its first, second, third ... try
 * (RFC 5321 section 4.5.4.1), and what NOTIFY says of it.
 */
#include "smtp-stdio/queue_book.h"

#include "smtp-stdio/parameters.h"
#include "tests/lib/check.h"

static const struct {
	unsigned tries;
	int64_t minutes;
} waits[] = {
	{ 0, 5 }, { 1, 5 }, { 2, 10 }, { 3, 20 }, { 4, 40 }, { 5, 80 },
	{ 6, 160 }, { 7, 240 }, { 8, 240 }, { 1000, 240 },
	{ (unsigned)-1, 240 }
};

static const struct {
	const char *parameters;
	unsigned notify;
} notifies[] = {
	{ "", 0 },
	{ "ORCPT=rfc822;bob@example.com", 0 },
	{ "NOTIFY=NEVER", NOTIFY_NEVER },
	{ "notify=never", NOTIFY_NEVER },
	{ "NOTIFY=SUCCESS,DELAY", NOTIFY_SUCCESS | NOTIFY_DELAY },
	{ "ORCPT=rfc822;bob@example.com NOTIFY=FAILURE", NOTIFY_FAILURE },
	{ "ORCPT=utf-8;b\xc3\xb6""b@example.com NOTIFY=FAILURE",
	  NOTIFY_FAILURE }
};

int
main(void)
{
	size_t i;

	for (i = 0; i < COUNT(waits); i++)
		CHECK(queue_wait(waits[i].tries) == 60 * waits[i].minutes,
		    "after %u tries: %u minutes", waits[i].tries,
		    (unsigned)waits[i].minutes);
	for (i = 0; i < COUNT(notifies); i++) {
		struct outgoing_recipient recipient = {
			.parameters = notifies[i].parameters
		};

		CHECK(queue_notify(&recipient) == notifies[i].notify,
		    "what is wanted by \"%s\"", notifies[i].parameters);
	}
	return check_end();
}
