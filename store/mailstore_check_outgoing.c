/* mailstore check: the queue; see mailstore_check.h. */
#include "store/mailstore_check.h"

#include <errno.h>
#include <string.h>

#include "store/durable.h"
#include "store/outgoing.h"

/* Whether there is a name in the part of the queue where check is not. */
static bool
has_other(struct check *check, const char *name)
{
	struct stat status;

	if (check->other_part == -1)
		return false;
	if (durable_status(check->other_part, name, &status) == 0)
		return true;
	if (errno != ENOENT)
		check_failed(check, "cannot be looked at");
	return errno != ENOENT;
}

/* Whether something can be an entry; says so where it cannot. */
static bool
is_entry(struct check *check, int part, const char *name)
{
	struct stat status;

	if (outgoing_is_id(name))
		return check_file(check, part, name, &status);
	check_found(check, "does not belong here: no id of a message");
	return false;
}

/*
 * A message gets its envelope while its writer's lock is on it, and loses it
 * while that of who has sent it is.
 */
static void
check_message(struct check *check, int messages, const char *name)
{
	struct stat status;

	if (!is_entry(check, messages, name) || has_other(check, name) ||
	    check_is_held(check, messages, name) || has_other(check, name))
		return;
	if (check_status(check, messages, name, &status))
		check_stale(check, messages, name,
		    "was left by an interrupted delivery");
}

/* The message goes only when the envelope is gone. */
static void
check_envelope(struct check *check, int envelopes, const char *name)
{
	struct outgoing outgoing;
	struct stat status;
	enum store_error error;

	if (!is_entry(check, envelopes, name))
		return;
	if (!has_other(check, name) &&
	    check_status(check, envelopes, name, &status))
		check_found(check, "is an envelope without its message");
	error = outgoing_read(check->root, name, &outgoing);
	if (error == STORE_OK)
		outgoing_free(&outgoing);
	else if (error == STORE_MALFORMED)
		check_found(check, "is malformed: no envelope");
	else if (error != STORE_NOT_FOUND)
		check_failed(check, "cannot be read");
}

void
check_in_outgoing(struct check *check, int outgoing, const char *name)
{
	bool has_messages = strcmp(name, OUTGOING_MESSAGES) == 0;
	int part;

	if (!has_messages && strcmp(name, OUTGOING_ENVELOPES) != 0) {
		check_found(check, "does not belong here");
		return;
	}
	part = check_directory(check, outgoing, name);
	if (part == -1)
		return;
	check->other_part = durable_open_directory(outgoing, has_messages ?
	    OUTGOING_ENVELOPES : OUTGOING_MESSAGES);
	if (check->other_part == -1 && errno != ENOENT)
		check_failed(check, "cannot be compared with the other part");
	else
		check_each(check, part, has_messages ? check_message :
		    check_envelope);
	if (check->other_part != -1)
		durable_close(check->other_part);
	durable_close(part);
}
