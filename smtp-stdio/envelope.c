/* The envelope; see envelope.h. */
#include "smtp-stdio/envelope.h"

#include <stdlib.h>
#include <string.h>

void
envelope_begin(struct envelope *envelope, const char *reverse_path,
    const struct mail_parameters *parameters)
{
	envelope_reset(envelope);
	memcpy(envelope->reverse_path, reverse_path, strlen(reverse_path) + 1);
	if (parameters != NULL)
		envelope->parameters = *parameters;
}

/* Room for one more pointer in a list, which may move. */
static bool
make_room(void **list, size_t count, size_t *room)
{
	size_t wanted = *room == 0 ? 16 : 2 * *room;
	void *moved;

	if (count < *room)
		return true;
	moved = realloc(*list, wanted * sizeof(void *));
	if (moved == NULL)
		return false;
	*list = moved;
	*room = wanted;
	return true;
}

/*
 * gcc 12's analyzer loses sight of a pointer that is stored at an index it
 * does not know, and calls it leaked; envelope_reset() frees it.
 */
#if defined __GNUC__ && !defined __clang__
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif

static bool
add_account(struct envelope *envelope, const struct address *account)
{
	void *list = envelope->accounts;
	char text[ADDRESS_TEXT_SIZE], *copy;

	address_text(account, text);
	copy = strdup(text);
	if (copy == NULL || !make_room(&list, envelope->account_count,
	    &envelope->account_room)) {
		free(copy);
		return false;
	}
	envelope->accounts = list;
	envelope->accounts[envelope->account_count++] = copy;
	return true;
}

static bool
add_reported(struct envelope *envelope, const char *forward_path,
    const char *original, bool failed)
{
	size_t path_size = strlen(forward_path) + 1;
	size_t original_size = strlen(original) + 1;
	void *list = envelope->reported;
	struct reported *copy;

	copy = malloc(sizeof *copy + path_size + original_size);
	if (copy == NULL || !make_room(&list, envelope->reported_count,
	    &envelope->reported_room)) {
		free(copy);
		return false;
	}
	copy->failed = failed;
	memcpy(copy->memory, forward_path, path_size);
	memcpy(copy->memory + path_size, original, original_size);
	copy->forward_path = copy->memory;
	copy->original = *original == '\0' ? NULL : copy->memory + path_size;
	envelope->reported = list;
	envelope->reported[envelope->reported_count++] = copy;
	return true;
}

/* RFC 3461 section 4.1: without NOTIFY a failure is told, and nothing else. */
static bool
is_wanted(const struct rcpt_parameters *parameters, bool failed)
{
	if (parameters->notify == 0)
		return failed;
	return (parameters->notify &
	    (failed ? NOTIFY_FAILURE : NOTIFY_SUCCESS)) != 0;
}

bool
envelope_add(struct envelope *envelope, const char *forward_path,
    const struct rcpt_parameters *parameters, const struct address *account)
{
	static const struct rcpt_parameters none;
	bool failed = account == NULL;

	if (parameters == NULL)
		parameters = &none;
	if (account != NULL && !add_account(envelope, account))
		return false;
	if (is_wanted(parameters, failed) && !add_reported(envelope,
	    forward_path, parameters->original, failed)) {
		if (account != NULL)
			free(envelope->accounts[--envelope->account_count]);
		return false;
	}
	if (envelope->count++ == 0)
		memcpy(envelope->forward_path, forward_path,
		    strlen(forward_path) + 1);
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

	if (envelope->account_count > 1)
		qsort(envelope->accounts, envelope->account_count,
		    sizeof *envelope->accounts, compare_accounts);
	for (i = 0; i < envelope->account_count; i++) {
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

	for (i = 0; i < envelope->account_count; i++)
		free(envelope->accounts[i]);
	free(envelope->accounts);
	for (i = 0; i < envelope->reported_count; i++)
		free(envelope->reported[i]);
	free(envelope->reported);
	memset(envelope, 0, sizeof *envelope);
}
