/* What is in the maildrop; see fetch_listing.h. */
#include "pop3-stdio/fetch_listing.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "store/text.h"

/* Makes an array twice as long where it is full. */
static bool
grow(void **array, size_t *room, size_t used, size_t item,
    struct failure *failure)
{
	size_t more = *room == 0 ? 1024 : *room * 2;
	void *longer;

	if (used < *room)
		return true;
	longer = realloc(*array, more * item);
	if (longer == NULL)
		return failure_set(failure, EX_TEMPFAIL,
		    "no memory for a list of so many messages");
	*array = longer;
	*room = more;
	return true;
}

static bool
is_wrong(const struct fetch *fetch, const char *to, const char *line,
    struct failure *failure)
{
	return failure_set(failure, EX_UNAVAILABLE,
	    "%s lists, in answer to %s, what cannot be: %s",
	    fetch->connection.name, to, line);
}

/*
 * Reads the message-number at the start of a line, which is greater than the
 * one before, and leaves *rest behind the blanks that follow it.
 */
static bool
take_number(const char *line, uint64_t before, uint64_t *number,
    const char **rest)
{
	size_t digits = strspn(line, "0123456789");

	*rest = line + digits + strspn(line + digits, " ");
	return text_to_number(line, digits, number) && *number > before &&
	    *number <= UINT32_MAX && *rest > line + digits;
}

/* scan-listing = message-number SP octets [ SP information ], RFC 1939. */
static bool
take_size(const char *text, uint64_t *octets)
{
	size_t digits = strspn(text, "0123456789");

	return text_to_number(text, digits, octets) &&
	    *octets != UINT64_MAX &&
	    (text[digits] == '\0' || text[digits] == ' ');
}

bool
listing_read(struct fetch *fetch, struct listing *listing,
    struct failure *failure)
{
	struct listed message = { 0, 0, 0 };
	size_t room = 0, length;
	const char *rest;
	char *line;

	memset(listing, 0, sizeof *listing);
	if (fetch_ask(fetch, "LIST", 0, failure) != ANSWER_OK)
		return false;
	for (;;) {
		void *messages = listing->messages;

		if (!fetch_line(fetch, "LIST", &line, &length, failure))
			return false;
		if (line == NULL)
			return true;
		if (!take_number(line, message.number, &message.number,
		    &rest) || !take_size(rest, &message.octets))
			return is_wrong(fetch, "LIST", line, failure);
		if (listing->count == LISTING_MESSAGES_MAX)
			return failure_set(failure, EX_UNAVAILABLE,
			    "%s lists more than %d messages",
			    fetch->connection.name, LISTING_MESSAGES_MAX);
		if (!grow(&messages, &room, listing->count,
		    sizeof *listing->messages, failure))
			return false;
		listing->messages = messages;
		listing->messages[listing->count++] = message;
	}
}

static bool
is_unique_id(const char *id)
{
	size_t i;

	for (i = 0; id[i] != '\0'; i++)
		if (i == UNIQUE_ID_OCTETS_MAX || id[i] < 0x21 || id[i] > 0x7e)
			return false;
	return i > 0;
}

/* Takes the lines of UIDL: those of LIST again, each message with its id. */
static bool
take_ids(struct fetch *fetch, struct listing *listing, struct failure *failure)
{
	size_t i, used = 0, room = 0, length;
	uint64_t number = 0;
	const char *id;
	char *line;

	for (i = 0; ; i++) {
		void *ids = listing->ids;

		if (!fetch_line(fetch, "UIDL", &line, &length, failure))
			return false;
		if (line == NULL)
			break;
		if (!take_number(line, number, &number, &id) ||
		    !is_unique_id(id) || i == listing->count ||
		    number != listing->messages[i].number)
			return is_wrong(fetch, "UIDL", line, failure);
		/* so that the longest one fits: it grows by more than that */
		if (!grow(&ids, &room, used + UNIQUE_ID_OCTETS_MAX + 1, 1,
		    failure))
			return false;
		listing->ids = ids;
		listing->messages[i].id = used;
		length = strlen(id) + 1;
		memcpy(listing->ids + used, id, length);
		used += length;
	}
	if (i < listing->count)
		return failure_set(failure, EX_UNAVAILABLE,
		    "%s names fewer messages in answer to UIDL than to LIST",
		    fetch->connection.name);
	return true;
}

enum answer
listing_read_ids(struct fetch *fetch, struct listing *listing,
    struct failure *failure)
{
	enum answer answer = fetch_ask(fetch, "UIDL", 0, failure);

	if (answer == ANSWER_OK && !take_ids(fetch, listing, failure))
		return ANSWER_NONE;
	return answer;
}

static int
compare_numbers(const void *a, const void *b)
{
	const struct listed *left = a, *right = b;

	return left->number < right->number ? -1 :
	    left->number > right->number;
}

struct listed *
listing_find(const struct listing *listing, uint64_t number)
{
	struct listed key = { number, 0, 0 };

	if (listing->count == 0)
		return NULL;
	return bsearch(&key, listing->messages, listing->count,
	    sizeof *listing->messages, compare_numbers);
}

const char *
listing_id(const struct listing *listing, const struct listed *listed)
{
	return listing->ids == NULL ? NULL : listing->ids + listed->id;
}

void
listing_free(struct listing *listing)
{
	free(listing->messages);
	free(listing->ids);
	memset(listing, 0, sizeof *listing);
}
