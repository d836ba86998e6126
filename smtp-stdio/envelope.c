/* The envelope; see envelope.h. */
#include "smtp-stdio/envelope.h"

#include <stdlib.h>
#include <string.h>

void
envelope_begin(struct envelope *envelope, const char *reverse_path)
{
	envelope_reset(envelope);
	memcpy(envelope->reverse_path, reverse_path, strlen(reverse_path) + 1);
}

static bool
make_room(struct envelope *envelope)
{
	size_t room = envelope->room == 0 ? 16 : 2 * envelope->room;
	char **accounts;

	if (envelope->count < envelope->room)
		return true;
	accounts = realloc(envelope->accounts, room * sizeof *accounts);
	if (accounts == NULL)
		return false;
	envelope->accounts = accounts;
	envelope->room = room;
	return true;
}

/*
 * gcc 12's analyzer loses sight of a pointer that is stored at an index it
 * does not know, and calls it leaked; envelope_reset() frees it.
 */
#if defined __GNUC__ && !defined __clang__
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif

bool
envelope_add(struct envelope *envelope, const char *forward_path,
    const struct address *account)
{
	char text[ADDRESS_TEXT_SIZE], *copy;

	address_text(account, text);
	copy = strdup(text);
	if (copy == NULL || !make_room(envelope)) {
		free(copy);
		return false;
	}
	if (envelope->count == 0)
		memcpy(envelope->forward_path, forward_path,
		    strlen(forward_path) + 1);
	envelope->accounts[envelope->count++] = copy;
	return true;
}

static int
compare_accounts(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

size_t
envelope_unique_accounts(struct envelope *envelope)
{
	size_t i, unique = 0;

	if (envelope->count > 1)
		qsort(envelope->accounts, envelope->count,
		    sizeof *envelope->accounts, compare_accounts);
	for (i = 0; i < envelope->count; i++) {
		char *account = envelope->accounts[i];

		if (unique > 0 &&
		    strcmp(account, envelope->accounts[unique - 1]) == 0)
			continue;
		envelope->accounts[i] = envelope->accounts[unique];
		envelope->accounts[unique++] = account;
	}
	return unique;
}

void
envelope_reset(struct envelope *envelope)
{
	size_t i;

	for (i = 0; i < envelope->count; i++)
		free(envelope->accounts[i]);
	free(envelope->accounts);
	memset(envelope, 0, sizeof *envelope);
}
