/*
 * The order of messages, which is the same however a directory lists them.
 */
#include "store/mailbox_order.h"

#include "store/short_names.h"
#include "tests/lib/check.h"

/* In the order that they must have, but for those that are the same message. */
static const char *const ordered[] = {
	/* no time, then what stands there instead */
	"-", "0.a", "0000.a", "abc", "b",
	/* by the number, not by its digits */
	"999999999.y.host", "1700000001.z.host:2,",
	/* within a second, by octets; the end comes first */
	"1700000002", "1700000002,S=5", "1700000002.", "1700000002.A.host",
	"01700000002.a.host", "1700000002.a.host,S=1,W=2",
	"1700000002.a.hosts", "1700000002.abcdefg.host",
	"1700000002.abcdefgh.host", "1700000002.abcdefgi.host",
	"1700000002.b", "1700000002.\xff.host", "1700000002a",
	"1700000003.0",
	/* as late as can be told */
	"17179869182.z", "99999999999999999999.a", "17179869183.b",
};

/* The second of two in a row with one base name. */
#define IS_DOUBLE(i) (strcmp(ordered[i], "1700000002,S=5") == 0)

static void
add(struct mailbox *mailbox, const char *name, bool in_cur)
{
	struct message *message = &mailbox->messages[mailbox->count++];
	uint32_t place;

	must(short_names_keep(&mailbox->names, name, &place), "no memory");
	message->name = place & (SHORT_NAMES_PLACES - 1);
	message->in_cur = in_cur;
	message_set_place(message, name);
}

static bool
is_called(const struct mailbox *mailbox, size_t number, const char *name)
{
	char got[MESSAGE_NAME_SIZE];

	message_name(mailbox, &mailbox->messages[number], got);
	return strcmp(got, name) == 0;
}

static void
test_order(void)
{
	static struct message messages[COUNT(ordered)];
	bool sorted = true, found = true;
	size_t places[COUNT(ordered)], round, i, j;
	unsigned state = 1;

	for (i = 0; i < COUNT(ordered); i++)
		places[i] = i;
	for (round = 0; round < 500; round++) {
		struct mailbox mailbox = { .messages = messages };

		for (i = COUNT(ordered); i > 1; i--) {
			size_t other, kept = places[i - 1];

			state = state * 1103515245U + 12345U;
			other = (state >> 16) % i;
			places[i - 1] = places[other];
			places[other] = kept;
		}
		for (i = 0; i < COUNT(ordered); i++)
			add(&mailbox, ordered[places[i]],
			    IS_DOUBLE(places[i]));
		mailbox_sort(&mailbox);
		sorted &= mailbox.count == COUNT(ordered) - 1;
		for (i = j = 0; sorted && i < COUNT(ordered); i++) {
			if (i + 1 < COUNT(ordered) && IS_DOUBLE(i + 1))
				continue;       /* the one in cur/ is kept */
			sorted &= is_called(&mailbox, j, ordered[i]);
			found &= mailbox_find(&mailbox, ordered[i]) ==
			    &messages[j++];
		}
		found &= mailbox_find(&mailbox, "1700000002.c") == NULL &&
		    mailbox_find(&mailbox, "1.c") == NULL &&
		    mailbox_find(&mailbox, "99999999999.c") == NULL;
		found &= mailbox_find(&mailbox, "1700000002.b,S=1:2,S") ==
		    mailbox_find(&mailbox, "1700000002.b");
		short_names_free(mailbox.names);
	}
	CHECK(sorted, "the order does not depend on that of the directory");
	CHECK(found, "each is found by its base name, and no other");
}

/* Each number of messages, and more than one of each name. */
static void
test_numbers(void)
{
	static struct message messages[300];
	char name[MESSAGE_NAME_SIZE];
	bool right = true;
	size_t count, i;

	for (count = 0; count <= COUNT(messages); count++) {
		struct mailbox mailbox = { .messages = messages };
		size_t different = count < 101 ? count : 101;

		for (i = 0; i < count; i++) {
			snprintf(name, sizeof name, "1700000000.%zu.host",
			    i * 37 % 101 + 1000);
			add(&mailbox, name, false);
		}
		mailbox_sort(&mailbox);
		right &= mailbox.count == different;
		for (i = 1; i < mailbox.count; i++) {
			char before[MESSAGE_NAME_SIZE];

			message_name(&mailbox, &messages[i - 1], before);
			message_name(&mailbox, &messages[i], name);
			right &= strcmp(before, name) < 0;
		}
		short_names_free(mailbox.names);
	}
	CHECK(right, "of none to %zu messages each is kept once",
	    COUNT(messages));
}

int
main(void)
{
	test_order();
	test_numbers();
	return check_end();
}
