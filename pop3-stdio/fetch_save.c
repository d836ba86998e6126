/*
 * The command save: messages go to a directory, each exactly once.
 *
 * A message is written and synced; then it is recorded as fetched, and that is
 * synced; then it becomes visible; and only then it is deleted on the server.
 * Whatever ends this, and whenever: what is recorded is there, or its file is
 * still waiting for its name; what is not recorded is fetched again.
 *
 * A message is known by its unique-id and its size.  Some servers give several
 * messages one unique-id, identical ones (RFC 1939 section 7) or others: where
 * size does not tell them apart either nothing is believed of what was fetched
 * before, for what is saved twice is not lost.
 */
#include "pop3-stdio/fetch_commands.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "pop3-stdio/fetch_listing.h"
#include "pop3-stdio/fetch_remove.h"
#include "pop3-stdio/save_directory.h"
#include "pop3-stdio/save_record.h"
#include "store/durable.h"
#include "store/progress.h"

/* A message of the listing, chosen or not. */
struct chosen {
	const struct listed *listed;
	const char *id;
	bool is_wanted;         /* all are, or its number was named */
	bool is_single;         /* no other has its unique-id and size */
	bool is_removed;        /* the server does not have it any more */
};

struct saving {
	struct fetch *fetch;
	struct listing listing;
	struct save_directory directory;
	struct save_record record;
	struct chosen *chosen;          /* one for each listed, sorted by id */
	struct removal *removals;
	struct chosen **removed;        /* whose they are */
	size_t removal_count;
	struct progress progress;
};

/* Where the octets of one message go. */
struct destination {
	const struct save_directory *directory;
	struct progress *progress;
	int file;
};

static bool
write_octets(void *context, const char *octets, size_t length,
    struct failure *failure)
{
	struct destination *destination = context;

	progress_add(destination->progress, length);
	return durable_write(destination->file, octets, length) == 0 ||
	    save_directory_failed(destination->directory, "write a message",
	    failure);
}

/* Fetches a message into the file of its temporary name, and syncs that. */
static bool
write_message(struct saving *saving, const struct listed *listed,
    const char *name, struct failure *failure)
{
	struct destination destination = {
		&saving->directory, &saving->progress, -1
	};
	char command[FETCH_COMMAND_SIZE];

	destination.file = save_directory_create(&saving->directory, name,
	    failure);
	if (destination.file == -1)
		return false;
	fetch_command(command, "RETR", listed->number);
	if (!fetch_text(saving->fetch, command,
	    fetch_octets_max(listed->octets), write_octets, &destination,
	    failure)) {
		durable_close(destination.file);
		save_directory_undo(&saving->directory, name);
		return false;
	}
	if (save_directory_finish(&saving->directory, destination.file,
	    failure))
		return true;
	save_directory_undo(&saving->directory, name);
	return false;
}

/*
 * Saves a message that was not fetched before.  *is_saved stays false where
 * the server refuses it, which is told.
 */
static bool
save_message(struct saving *saving, const struct chosen *chosen,
    bool *is_saved, struct failure *failure)
{
	struct save_directory *directory = &saving->directory;
	char name[SAVE_NAME_SIZE];

	if (!save_directory_name(directory, chosen->id, saving->record.last,
	    name, failure))
		return false;
	switch (fetch_ask(saving->fetch, "RETR", chosen->listed->number,
	    failure)) {
	case ANSWER_OK:
		break;
	case ANSWER_REFUSED:
		progress_hide(&saving->progress);
		fetch_note(saving->fetch, failure);
		return true;
	case ANSWER_CHALLENGE:
	case ANSWER_NONE:
		return false;
	}
	if (!write_message(saving, chosen->listed, name, failure) ||
	    !save_record_add(&saving->record, chosen->id,
	    chosen->listed->octets, name, failure) ||
	    !save_directory_publish(directory, name, failure))
		return false;
	*is_saved = true;
	return true;
}

/* By unique-id, and then by size. */
static int
compare_identity(const char *id, uint64_t octets, const struct chosen *chosen)
{
	int order = strcmp(id, chosen->id);

	if (order != 0 || octets == chosen->listed->octets)
		return order;
	return octets < chosen->listed->octets ? -1 : 1;
}

static int
compare_chosen(const void *a, const void *b)
{
	const struct chosen *left = a, *right = b;
	int order = compare_identity(left->id, left->listed->octets, right);

	if (order != 0)
		return order;
	return left->listed < right->listed ? -1 : 1;
}

static int
compare_numbers(const void *a, const void *b)
{
	const struct chosen *const *left = a, *const *right = b;

	return (*left)->listed < (*right)->listed ? -1 : 1;
}

/* Whether two that are beside each other are known by the same. */
static bool
are_alike(const struct chosen *left, const struct chosen *right)
{
	return compare_identity(left->id, left->listed->octets, right) == 0;
}

static void
mark_singles(struct saving *saving)
{
	size_t count = saving->listing.count, i;

	for (i = 0; i < count; i++) {
		struct chosen *chosen = &saving->chosen[i];

		chosen->is_single =
		    !(i > 0 && are_alike(chosen - 1, chosen)) &&
		    !(i + 1 < count && are_alike(chosen, chosen + 1));
	}
}

/* Whether a message is one that was fetched before. */
static bool
is_fetched(const struct saving *saving, const struct chosen *chosen)
{
	return chosen->is_single && save_record_count(&saving->record,
	    chosen->id, chosen->listed->octets) == 1;
}

static bool
choose(struct saving *saving, const struct operands *operands,
    struct failure *failure)
{
	struct listing *listing = &saving->listing;
	size_t count = listing->count, i;

	saving->chosen = calloc(count + 1, sizeof *saving->chosen);
	saving->removals = calloc(count + 1, sizeof *saving->removals);
	saving->removed = calloc(count + 1, sizeof *saving->removed);
	if (saving->chosen == NULL || saving->removals == NULL ||
	    saving->removed == NULL)
		return failure_set(failure, EX_TEMPFAIL,
		    "no memory for a list of so many messages");
	for (i = 0; i < count; i++) {
		saving->chosen[i].listed = &listing->messages[i];
		saving->chosen[i].id = listing_id(listing,
		    &listing->messages[i]);
		saving->chosen[i].is_wanted = operands->count == 0;
	}
	for (i = 0; i < operands->count; i++) {
		struct listed *listed = listing_find(listing,
		    operands->numbers[i]);

		if (listed != NULL) {
			saving->chosen[listed - listing->messages].is_wanted =
			    true;
			continue;
		}
		(void)failure_set(failure, EX_UNAVAILABLE,
		    "there is no message %" PRIu64, operands->numbers[i]);
		fetch_note(saving->fetch, failure);
	}
	if (count > 0)
		qsort(saving->chosen, count, sizeof *saving->chosen,
		    compare_chosen);
	mark_singles(saving);
	return true;
}

/* The chosen messages in the order of their numbers; *count of them. */
static struct chosen **
in_order(struct saving *saving, size_t *count)
{
	struct chosen **ordered = calloc(saving->listing.count + 1,
	    sizeof *ordered);
	size_t i;

	*count = 0;
	for (i = 0; ordered != NULL && i < saving->listing.count; i++)
		if (saving->chosen[i].is_wanted)
			ordered[(*count)++] = &saving->chosen[i];
	if (*count > 0)
		qsort(ordered, *count, sizeof *ordered, compare_numbers);
	return ordered;
}

static uint64_t
octets_to_fetch(const struct saving *saving, struct chosen *const *ordered,
    size_t count)
{
	uint64_t octets = 0;
	size_t i;

	for (i = 0; i < count; i++)
		if (!is_fetched(saving, ordered[i]) &&
		    ordered[i]->listed->octets < UINT64_MAX - octets)
			octets += ordered[i]->listed->octets;
	return octets;
}

static bool
save_all(struct saving *saving, struct failure *failure)
{
	struct chosen **ordered;
	bool done = true;
	size_t count, i;

	ordered = in_order(saving, &count);
	if (ordered == NULL)
		return failure_set(failure, EX_TEMPFAIL,
		    "no memory for a list of so many messages");
	progress_begin(&saving->progress, "saving",
	    octets_to_fetch(saving, ordered, count));
	for (i = 0; done && i < count; i++) {
		bool is_saved = is_fetched(saving, ordered[i]);

		if (!is_saved)
			done = save_message(saving, ordered[i], &is_saved,
			    failure);
		if (done && is_saved) {
			saving->removals[saving->removal_count].number =
			    ordered[i]->listed->number;
			saving->removed[saving->removal_count++] = ordered[i];
		}
	}
	progress_end(&saving->progress);
	free(ordered);
	return done;
}

/*
 * Whether a record is of no use any more: the server has no such message.  One
 * whose unique-id the server may use again must not stay.
 */
static bool
is_gone(void *context, const char *id, uint64_t octets)
{
	const struct saving *saving = context;
	size_t from = 0, to = saving->listing.count;

	while (from < to) {             /* the first one of them */
		size_t middle = from + (to - from) / 2;

		if (compare_identity(id, octets, &saving->chosen[middle]) > 0)
			from = middle + 1;
		else
			to = middle;
	}
	for (; from < saving->listing.count && compare_identity(id, octets,
	    &saving->chosen[from]) == 0; from++)
		if (!saving->chosen[from].is_removed)
			return false;
	return true;
}

/* Deletes what was saved, now or before, and forgets what is gone. */
static bool
finish(struct saving *saving, struct failure *failure)
{
	struct fetch *fetch = saving->fetch;
	size_t i;

	if (!fetch->keep && !fetch_remove(fetch, saving->removals,
	    saving->removal_count, failure))
		return false;
	if (!fetch_quit(fetch, failure))
		return false;
	for (i = 0; i < saving->removal_count; i++)
		saving->removed[i]->is_removed = saving->removals[i].marked;
	return save_record_drop(&saving->record, is_gone, saving, failure);
}

/*
 * Saves into a directory that is open.  One message at a time is on its way,
 * so that only the last one in the record can be still without its name; and
 * no other is written under that.
 */
static bool
save_into(struct saving *saving, struct failure *failure)
{
	bool done;

	done = save_record_open(&saving->record, &saving->directory,
	    saving->fetch->client, failure) &&
	    save_directory_recover(&saving->directory, saving->record.last,
	    failure) &&
	    save_all(saving, failure) && finish(saving, failure);
	save_record_close(&saving->record);
	return done;
}

static bool
read_listing(struct saving *saving, struct failure *failure)
{
	struct fetch *fetch = saving->fetch;

	if (!listing_read(fetch, &saving->listing, failure))
		return false;
	switch (listing_read_ids(fetch, &saving->listing, failure)) {
	case ANSWER_OK:
		return true;
	case ANSWER_REFUSED:
		return failure_set(failure, EX_UNAVAILABLE,
		    "%s has no unique-ids (UIDL), and without them nothing can "
		    "be saved exactly once", fetch->connection.name);
	case ANSWER_CHALLENGE:
	case ANSWER_NONE:
		break;
	}
	return false;
}

bool
fetch_save(struct fetch *fetch, const struct operands *operands,
    struct failure *failure)
{
	struct saving saving = { .fetch = fetch };
	bool done;

	done = read_listing(&saving, failure) &&
	    choose(&saving, operands, failure) &&
	    save_directory_open(&saving.directory, operands->directory,
	    failure);
	if (done) {
		done = save_into(&saving, failure);
		save_directory_close(&saving.directory);
	}
	free(saving.chosen);
	free(saving.removals);
	free(saving.removed);
	listing_free(&saving.listing);
	return done;
}
