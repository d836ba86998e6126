/* The order of messages; see mailbox_order.h. */
#include "store/mailbox_order.h"

#include <string.h>

/* The most that struct message has room for: the year 2514. */
#define SECONDS_MAX ((UINT64_C(1) << 34) - 1)

/* So many octets of a name are compared as a number. */
#define PLACE_OCTETS 7

/* The seconds in a name, which is 0 where it has none; *rest is behind them. */
static uint64_t
seconds_in(const char *name, const char **rest)
{
	uint64_t seconds = 0;

	for (; *name >= '0' && *name <= '9'; name++)
		if (seconds <= SECONDS_MAX)
			seconds = seconds * 10 + (uint64_t)(*name - '0');
	*rest = name;
	return seconds < SECONDS_MAX ? seconds : SECONDS_MAX;
}

/* The first octets of what is left of a base name, as a number. */
static uint64_t
first_octets(const char *rest)
{
	uint64_t octets = 0;
	int i;

	for (i = 0; i < PLACE_OCTETS; i++) {
		octets <<= 8;
		if (*rest != '\0' && *rest != ',' && *rest != ':')
			octets |= (unsigned char)*rest++;
	}
	return octets;
}

void
message_set_place(struct message *message, const char *name)
{
	const char *rest;

	message->seconds = seconds_in(name, &rest) & SECONDS_MAX;
	message->octets = first_octets(rest) &
	    ((UINT64_C(1) << 8 * PLACE_OCTETS) - 1);
}

/* Compares names with the same seconds; leading zeros come last. */
static int
compare_names(const char *a, const char *b)
{
	int order = maildir_compare_bases(a + strspn(a, "0123456789"),
	    b + strspn(b, "0123456789"));

	return order != 0 ? order : maildir_compare_bases(a, b);
}

/* Compares two messages of the same second by their names. */
static int
compare_in_second(const struct mailbox *mailbox, const struct message *a,
    const struct message *b)
{
	char a_name[MESSAGE_NAME_SIZE], b_name[MESSAGE_NAME_SIZE];

	message_name(mailbox, a, a_name);
	message_name(mailbox, b, b_name);
	return compare_names(a_name, b_name);
}

static bool
is_before(const struct mailbox *mailbox, const struct message *a,
    const struct message *b)
{
	int order;

	if (a->seconds != b->seconds)
		return a->seconds < b->seconds;
	if (a->octets != b->octets)
		return a->octets < b->octets;
	order = compare_in_second(mailbox, a, b);
	/* One base name twice: it moved meanwhile, and cur/ is where to. */
	return order != 0 ? order < 0 : a->in_cur && !b->in_cur;
}

/* Lets a message sink in a heap until no later one is below it. */
static void
sink(struct mailbox *mailbox, size_t place, size_t count)
{
	struct message *messages = mailbox->messages;
	struct message sinking = messages[place];
	size_t below;

	while ((below = 2 * place + 1) < count) {
		if (below + 1 < count && is_before(mailbox, &messages[below],
		    &messages[below + 1]))
			below++;
		if (!is_before(mailbox, &sinking, &messages[below]))
			break;
		messages[place] = messages[below];
		place = below;
	}
	messages[place] = sinking;
}

/*
 * A heap sort: it needs no memory, where qsort(3) may take as much again, and
 * no names that somebody has chosen make it slow.
 */
static void
sort(struct mailbox *mailbox)
{
	size_t i;

	for (i = mailbox->count / 2; i > 0; i--)
		sink(mailbox, i - 1, mailbox->count);
	for (i = mailbox->count; i > 1; i--) {
		struct message last = mailbox->messages[i - 1];

		mailbox->messages[i - 1] = mailbox->messages[0];
		mailbox->messages[0] = last;
		sink(mailbox, 0, i - 1);
	}
}

void
mailbox_sort(struct mailbox *mailbox)
{
	struct message *messages = mailbox->messages;
	size_t i, kept = 0;

	sort(mailbox);
	for (i = 1; i < mailbox->count; i++)
		if (messages[kept].seconds != messages[i].seconds ||
		    messages[kept].octets != messages[i].octets ||
		    compare_in_second(mailbox, &messages[kept],
		    &messages[i]) != 0)
			messages[++kept] = messages[i];
	if (mailbox->count > 0)
		mailbox->count = kept + 1;
}

struct message *
mailbox_find(struct mailbox *mailbox, const char *name)
{
	const char *rest;
	uint64_t seconds = seconds_in(name, &rest);
	size_t low = 0, high = mailbox->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		struct message *message = &mailbox->messages[middle];
		char other[MESSAGE_NAME_SIZE];
		int order = seconds < message->seconds ? -1 :
		    seconds > message->seconds;

		if (order == 0) {
			message_name(mailbox, message, other);
			order = compare_names(name, other);
		}
		if (order == 0)
			return message;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}
