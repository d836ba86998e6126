/* mailstore check: one mailbox; see mailstore_check.h. */
#include "store/mailstore_check.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store/account.h"
#include "store/durable.h"
#include "store/lock.h"
#include "store/maildir.h"
#include "store/names.h"

/* As the Maildir page says: a delivery takes at most so long. */
#define TMP_SECONDS ((time_t)36 * 60 * 60)

/* A message of the mailbox. */
struct entry {
	const char *name;
	bool in_cur;
};

struct entries {
	struct entry *entries;
	size_t count, room;
	struct names *names;            /* where theirs are */
	int directory[2];               /* new/ and cur/; -1: cannot be opened */
	bool changed[2];                /* and not yet synced */
};

static const char *
part_of(const struct entry *entry)
{
	return maildir_part_name(entry->in_cur ? MAILDIR_CUR : MAILDIR_NEW);
}

/* Goes to a message; returns how far it was before, for check_leave(). */
static size_t
enter_message(struct check *check, const struct entry *entry)
{
	size_t entered = check_enter(check, part_of(entry));

	(void)check_enter(check, entry->name);
	return entered;
}

static bool
has_account(struct check *check)
{
	enum store_error error = account_find(check->root, &check->address);

	return error != STORE_NOT_FOUND && error != STORE_NOT_HOSTED;
}

/* Whether the lock is another's; not to be asked by who holds it. */
static bool
is_in_use(struct check *check, int maildir)
{
	struct stat status;

	return durable_status(maildir, LOCK_NAME, &status) == 0 &&
	    S_ISREG(status.st_mode) && check_is_held(check, maildir, LOCK_NAME);
}

/* A removal that has begun, and goes on no more. */
static bool
check_removal(struct check *check, int maildir)
{
	static const char left[] = "was left by an interrupted removal";
	static const char begun[] = "has the mark of an interrupted removal";
	int result;

	if (!check->repair) {
		check_found(check, has_account(check) ? begun : left);
		return true;
	}
	if (!has_account(check)) {
		check_mended(check, left, "removed", maildir_remove(check->root,
		    &check->address) == STORE_OK ? 0 : -1);
		return false;
	}
	result = durable_unlink(maildir, MAILDIR_REMOVED_MARK);
	if (result == 0)
		result = durable_sync(maildir);
	check_mended(check, begun, "the account stays", result);
	return true;
}

/* Whose mailbox this is; false where nothing more is there to look at. */
static bool
check_whose(struct check *check, int domain, int maildir, const char *name)
{
	struct stat status;
	bool marked = durable_status(maildir, MAILDIR_REMOVED_MARK,
	    &status) == 0;

	if (!marked && has_account(check))
		return true;
	/* add makes the account last, and remove the mark first. */
	if (durable_file_status(maildir, &status) == -1) {
		check_failed(check, "cannot be looked at");
		return false;
	}
	while (!marked && check_settle(&status))
		if (has_account(check))
			return true;
	if (!check->repair && is_in_use(check, maildir))
		return true;            /* one of the two is at work */
	if (!check_status(check, domain, name, &status))
		return false;
	if (marked)
		return check_removal(check, maildir);
	check_found(check, "is a mailbox of no account");
	return true;
}

/* Whether a part is missing, and not only about to be made. */
static bool
is_missing(int maildir, const char *name)
{
	struct stat part, own;

	if (durable_file_status(maildir, &own) == -1)
		return false;
	do
		if (durable_status(maildir, name, &part) == 0 ||
		    errno != ENOENT)
			return false;
	while (check_settle(&own));
	return true;
}

/* The parts that a Maildir has to have. */
static void
check_parts(struct check *check, int maildir)
{
	bool missing[MAILDIR_CUR + 1], any = false;
	enum maildir_part part;
	int result = 0;

	for (part = MAILDIR_TMP; part <= MAILDIR_CUR; part++) {
		missing[part] = is_missing(maildir, maildir_part_name(part));
		any = any || missing[part];
	}
	if (any && check->repair && maildir_complete(maildir) != STORE_OK)
		result = -1;
	for (part = MAILDIR_TMP; part <= MAILDIR_CUR; part++) {
		size_t entered = check_enter(check, maildir_part_name(part));

		if (missing[part] && check->repair)
			check_mended(check, "is missing", "made", result);
		else if (missing[part])
			check_found(check, "is missing");
		check_leave(check, entered);
	}
}

/* tmp/ is for other programs, which may die, too. */
static void
check_tmp(struct check *check, int tmp, const char *name)
{
	struct stat status;

	if (check_file(check, tmp, name, &status) &&
	    time(NULL) - status.st_mtime > TMP_SECONDS)
		check_stale(check, tmp, name, "was left here 36 hours ago");
}

/* Opens a part and looks at it as such; -1 where that cannot be. */
static int
open_part(struct check *check, int maildir, enum maildir_part part)
{
	const char *name = maildir_part_name(part);
	size_t entered = check_enter(check, name);
	int directory = check_directory(check, maildir, name);

	if (directory != -1 && part == MAILDIR_TMP)
		check_each(check, directory, check_tmp);
	check_leave(check, entered);
	return directory;
}

static bool
add_entry(struct entries *entries, const char *name, bool in_cur)
{
	struct entry *more;

	if (entries->count == entries->room) {
		size_t room = entries->room == 0 ? 64 : 2 * entries->room;

		more = realloc(entries->entries, room * sizeof *more);
		if (more == NULL)
			return false;
		entries->entries = more;
		entries->room = room;
	}
	more = &entries->entries[entries->count];
	more->name = names_keep(&entries->names, name);
	more->in_cur = in_cur;
	if (more->name == NULL)
		return false;
	entries->count++;
	return true;
}

/* Reads the names in new/ or cur/; those with a dot are no messages. */
static void
read_entries(struct check *check, struct entries *entries, bool in_cur)
{
	int directory = entries->directory[in_cur];
	struct dirent *entry;
	bool good = true;
	DIR *list;

	if (directory == -1)
		return;
	list = durable_list(directory);
	if (list == NULL) {
		check_failed(check, "cannot be read");
		return;
	}
	while (good && (entry = durable_next(list)) != NULL)
		if (entry->d_name[0] != '.')
			good = add_entry(entries, entry->d_name, in_cur);
	if (!good || errno != 0)
		check_failed(check, "cannot be read");
	durable_list_end(list);
}

static int
compare_entries(const void *a, const void *b)
{
	const struct entry *one = a, *other = b;
	size_t one_length = maildir_base_length(one->name);
	size_t other_length = maildir_base_length(other->name);
	int order = memcmp(one->name, other->name,
	    one_length < other_length ? one_length : other_length);

	if (order == 0)
		order = (one_length > other_length) -
		    (one_length < other_length);
	if (order == 0)
		order = one->in_cur - other->in_cur;
	return order != 0 ? order : strcmp(one->name, other->name);
}

static bool
is_same_base(const struct entry *a, const struct entry *b)
{
	size_t length = maildir_base_length(a->name);

	return length == maildir_base_length(b->name) &&
	    memcmp(a->name, b->name, length) == 0;
}

/* Whether two open files have the same octets. */
static bool
have_same_octets(int one, int other)
{
	char a[16384], b[sizeof a];
	off_t at = 0;
	ssize_t got;

	do {
		got = durable_read_at(one, a, sizeof a, at);
		if (got == -1 ||
		    durable_read_at(other, b, sizeof b, at) != got ||
		    memcmp(a, b, (size_t)got) != 0)
			return false;
		at += got;
	} while (got > 0);
	return true;
}

/* Whether two files of the mailbox are copies of one message. */
static bool
are_copies(const struct entries *entries, const struct entry *first,
    const struct entry *second)
{
	int one = durable_open_file(entries->directory[first->in_cur],
	    first->name);
	int other = durable_open_file(entries->directory[second->in_cur],
	    second->name);
	bool same = one != -1 && other != -1 && have_same_octets(one, other);

	if (one != -1)
		durable_close(one);
	if (other != -1)
		durable_close(other);
	return same;
}

/*
 * Two messages with one base name, of which POP3 sees only the latter.  One is
 * enough where it is one file, since whoever moved it was interrupted; or a
 * copy, since one mailbox was laid over another, in new/, without flags.
 */
static void
check_twice(struct check *check, struct entries *entries,
    const struct entry *first, const struct entry *second)
{
	int directory = entries->directory[first->in_cur];
	struct stat one, other;

	if (!check_status(check, directory, first->name, &one) ||
	    !check_status(check, entries->directory[second->in_cur],
	    second->name, &other))
		return;                 /* it was only moved */
	if ((one.st_dev == other.st_dev && one.st_ino == other.st_ino) ||
	    (!first->in_cur && S_ISREG(one.st_mode) &&
	    S_ISREG(other.st_mode) && one.st_size == other.st_size &&
	    are_copies(entries, first, second)))
		check_stale(check, directory, first->name,
		    "is in the mailbox twice");
	else
		check_found(check, "has the base name of another message");
}

/* Counts a message; false where it is gone or cannot be read. */
static bool
count_message(struct check *check, int directory, const char *name,
    struct message_sizes *sizes)
{
	int file = durable_open_file(directory, name);
	enum store_error error;

	error = file == -1 ? store_error_from(errno) :
	    maildir_count(file, sizes);
	if (file != -1)
		durable_close(file);
	if (error != STORE_OK && error != STORE_NOT_FOUND)
		check_failed(check, "cannot be read");
	return file != -1 && error == STORE_OK;
}

/* The sizes that its name carries, if any; -r corrects the name. */
static void
check_message(struct check *check, int directory, const char *name)
{
	char corrected[MESSAGE_NAME_SIZE], what[128];
	struct message_sizes sizes;
	struct stat status;
	bool fits;

	if (!check_file(check, directory, name, &status) ||
	    !count_message(check, directory, name, &sizes))
		return;
	fits = maildir_name_corrected(corrected, name, &sizes);
	if (fits && strcmp(corrected, name) == 0)
		return;
	(void)snprintf(what, sizeof what, "has in fact %" PRIu64
	    " octets, %" PRIu64 " on the wire", sizes.disk, sizes.wire);
	if (!check->repair || !fits ||
	    durable_status(directory, corrected, &status) == 0) {
		check_found(check, what);
		return;
	}
	check->changed = true;
	check_mended(check, what, "renamed to say so",
	    durable_rename(directory, name, directory, corrected));
}

static void
check_messages(struct check *check, struct entries *entries)
{
	size_t i, entered;

	if (entries->count > 0)
		qsort(entries->entries, entries->count,
		    sizeof *entries->entries, compare_entries);
	for (i = 0; i < entries->count; i++) {
		const struct entry *entry = &entries->entries[i];

		entered = enter_message(check, entry);
		check->changed = false;
		if (i + 1 < entries->count && is_same_base(entry, entry + 1))
			check_twice(check, entries, entry, entry + 1);
		check_message(check, entries->directory[entry->in_cur],
		    entry->name);
		if (check->changed)
			entries->changed[entry->in_cur] = true;
		check_leave(check, entered);
	}
	for (i = 0; i <= 1; i++)
		if (entries->changed[i] &&
		    durable_sync(entries->directory[i]) == -1)
			check_failed(check, "cannot be synced");
}

static void
check_contents(struct check *check, int maildir)
{
	struct entries entries = { .directory = { -1, -1 } };
	bool changed_above = check->changed;
	int tmp, i;

	check_parts(check, maildir);
	tmp = open_part(check, maildir, MAILDIR_TMP);
	if (tmp != -1)
		durable_close(tmp);
	entries.directory[0] = open_part(check, maildir, MAILDIR_NEW);
	entries.directory[1] = open_part(check, maildir, MAILDIR_CUR);
	read_entries(check, &entries, false);
	read_entries(check, &entries, true);
	check_messages(check, &entries);
	free(entries.entries);
	names_free(entries.names);
	for (i = 0; i <= 1; i++)
		if (entries.directory[i] != -1)
			durable_close(entries.directory[i]);
	check->changed = changed_above;
}

/* Looks at the lock file itself, before it is held: that would drop the lock. */
static void
check_lock_file(struct check *check, int maildir)
{
	size_t entered = check_enter(check, LOCK_NAME);
	struct stat status;

	(void)check_file(check, maildir, LOCK_NAME, &status);
	check_leave(check, entered);
}

void
check_mailbox(struct check *check, int domain, const char *name)
{
	enum store_error error = STORE_OK;
	int maildir, lock = -1;

	if (!check_set_account(check, name))
		return;
	maildir = check_directory(check, domain, name);
	if (maildir == -1)
		return;
	check_lock_file(check, maildir);
	if (check->repair)
		error = lock_take(maildir, &lock);
	if (error == STORE_BUSY)
		check_busy(check);
	else if (error != STORE_OK)
		check_failed(check, "cannot be locked");
	else if (check_whose(check, domain, maildir, name))
		check_contents(check, maildir);
	if (lock != -1)
		durable_close(lock);
	durable_close(maildir);
}
