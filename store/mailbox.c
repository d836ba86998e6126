/* Mailboxes; see mailbox.h. */
#include "store/mailbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "store/durable.h"
#include "store/lock.h"
#include "store/names.h"
#include "store/sha256.h"
#include "store/text.h"

/* More messages than memory is given for: nobody's mailbox. */
#define MESSAGES_MAX 100000000

/* What a message is that was gone before it was counted. */
#define OCTETS_UNKNOWN UINT64_MAX

/* The most that struct message has room for. */
#define SECONDS_MAX ((UINT64_C(1) << 60) - 1)

/*
 * A message is gone when so many scans in a row did not list it: one alone may
 * miss a name that changes while a large directory is read.
 */
#define SCANS_TO_BE_GONE 2

/* How often a message is looked up again that changes its name each time. */
#define NAMES_TRIED_MAX 100

/* The seconds in a name, as many bits as a message has for them. */
static uint64_t
seconds_in(const char *name)
{
	uint64_t seconds;

	if (!text_to_number(name, strspn(name, "0123456789"), &seconds))
		return 0;
	return seconds < SECONDS_MAX ? seconds : SECONDS_MAX;
}

/* Order of delivery: by the seconds in the name, then by the base name. */
static int
compare_names(uint64_t a_seconds, const char *a, uint64_t b_seconds,
    const char *b)
{
	if (a_seconds != b_seconds)
		return a_seconds < b_seconds ? -1 : 1;
	return maildir_compare_bases(a, b);
}

static int
compare_messages(const void *a, const void *b)
{
	const struct message *one = a, *other = b;
	int order = compare_names(one->seconds, one->name,
	    other->seconds, other->name);

	/* One base name twice: it moved meanwhile, and cur/ is where to. */
	return order != 0 ? order : other->in_cur - one->in_cur;
}

static enum store_error
add_message(struct mailbox *mailbox, const char *name, bool in_cur)
{
	struct message *message;

	if (mailbox->count == mailbox->room) {
		size_t room = mailbox->room == 0 ? 64 : 2 * mailbox->room;
		void *more = room > MESSAGES_MAX ? NULL :
		    realloc(mailbox->messages, room * sizeof *message);

		if (more == NULL) {
			errno = ENOMEM;
			return STORE_FAILED;
		}
		mailbox->messages = more;
		mailbox->room = room;
	}
	message = &mailbox->messages[mailbox->count];
	message->name = names_keep(&mailbox->names, name);
	if (message->name == NULL)
		return STORE_FAILED;
	message->seconds = seconds_in(name) & SECONDS_MAX;
	message->in_cur = in_cur;
	message->listed = false;
	message->missed = 0;
	mailbox->count++;
	return STORE_OK;
}

/* A message that is known already is now called this, in this directory. */
static enum store_error
update_message(struct mailbox *mailbox, const char *name, bool in_cur)
{
	uint64_t seconds = seconds_in(name);
	size_t low = 0, high = mailbox->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		struct message *message = &mailbox->messages[middle];
		int order = compare_names(seconds, name, message->seconds,
		    message->name);

		if (order == 0) {
			if (strcmp(message->name, name) != 0) {
				const char *kept =
				    names_keep(&mailbox->names, name);

				if (kept == NULL)
					return STORE_FAILED;
				message->name = kept;
			}
			message->in_cur = in_cur;
			message->listed = true;
			return STORE_OK;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return STORE_OK;                /* delivered since: not in this session */
}

static bool
may_be_message(const struct dirent *entry)
{
	if (entry->d_name[0] == '.')
		return false;
#ifdef DT_UNKNOWN
	return entry->d_type == DT_REG || entry->d_type == DT_UNKNOWN;
#else
	return true;
#endif
}

/* Gives each name in new/, then in cur/, to one of the functions above. */
static enum store_error
for_each_name(struct mailbox *mailbox, enum store_error (*function)(
    struct mailbox *mailbox, const char *name, bool in_cur))
{
	enum store_error error = STORE_OK;
	int in_cur;

	for (in_cur = 0; error == STORE_OK && in_cur <= 1; in_cur++) {
		struct dirent *entry;
		DIR *list;

		if (mailbox->directory[in_cur] == -1)
			continue;
		list = durable_list(mailbox->directory[in_cur]);
		if (list == NULL)
			return store_error_from(errno);
		while (error == STORE_OK &&
		    (entry = durable_next(list)) != NULL)
			if (may_be_message(entry))
				error = function(mailbox, entry->d_name,
				    in_cur == 1);
		if (error == STORE_OK && errno != 0)
			error = STORE_FAILED;
		durable_list_end(list);
	}
	return error;
}

/* Sorts, and keeps one of each base name. */
static void
put_in_order(struct mailbox *mailbox)
{
	struct message *messages = mailbox->messages;
	size_t i, kept = 0;

	if (mailbox->count == 0)
		return;
	qsort(messages, mailbox->count, sizeof *messages, compare_messages);
	for (i = 1; i < mailbox->count; i++)
		if (compare_names(messages[kept].seconds, messages[kept].name,
		    messages[i].seconds, messages[i].name) != 0)
			messages[++kept] = messages[i];
	mailbox->count = kept + 1;
}

/*
 * Opens what a message is called now.  What is no regular file is gone, and
 * not looked for.
 */
static enum store_error
open_message(struct mailbox *mailbox, struct message *message, int *file,
    struct stat *status)
{
	enum store_error error = STORE_OK;

	*file = durable_open_file(mailbox->directory[message->in_cur],
	    message->name);
	if (*file == -1 && errno != ELOOP)
		return store_error_from(errno);
	if (*file != -1 && durable_file_status(*file, status) == -1)
		error = store_error_from(errno);
	else if (*file == -1 || !S_ISREG(status->st_mode)) {
		message->missed = SCANS_TO_BE_GONE;
		error = STORE_NOT_FOUND;
	}
	if (error != STORE_OK && *file != -1)
		durable_close(*file);
	return error;
}

/* The octets of an open message: by its name where that is right. */
static enum store_error
find_octets(struct message *message, int file, const struct stat *status)
{
	struct message_sizes sizes;
	enum store_error error;

	if (!maildir_sizes_in(message->name, &sizes) ||
	    sizes.disk != (uint64_t)status->st_size) {
		error = maildir_count(file, &sizes);
		if (error != STORE_OK)
			return error;
		if (durable_rewind(file) == -1)
			return STORE_FAILED;
	}
	message->octets = sizes.wire;
	return STORE_OK;
}

/* Finds out what each message is called now, and which are not there. */
static enum store_error
scan_again(struct mailbox *mailbox)
{
	struct message *messages = mailbox->messages;
	enum store_error error;
	size_t i;

	for (i = 0; i < mailbox->count; i++)
		messages[i].listed = false;
	error = for_each_name(mailbox, update_message);
	if (error != STORE_OK)
		return error;
	for (i = 0; i < mailbox->count; i++)
		if (messages[i].listed)
			messages[i].missed = 0;
		else if (messages[i].missed < SCANS_TO_BE_GONE)
			messages[i].missed++;
	return STORE_OK;
}

/*
 * Finds a message again that is not there under its name.  After STORE_OK its
 * name is a later one, which may have changed again.  STORE_NOT_FOUND: gone.
 */
static enum store_error
find_again(struct mailbox *mailbox, const struct message *message)
{
	enum store_error error;

	do {
		if (message->missed == SCANS_TO_BE_GONE)
			return STORE_NOT_FOUND;
		error = scan_again(mailbox);
	} while (error == STORE_OK && !message->listed);
	return error;
}

/* Opens a message, wherever it is now, and finds its octets. */
static enum store_error
read_message(struct mailbox *mailbox, struct message *message, int *file,
    struct stat *status)
{
	enum store_error error;
	int tries = 0;

	error = open_message(mailbox, message, file, status);
	while (error == STORE_NOT_FOUND && tries++ < NAMES_TRIED_MAX) {
		error = find_again(mailbox, message);
		if (error != STORE_OK)
			return error;
		error = open_message(mailbox, message, file, status);
	}
	if (error != STORE_OK)
		return error;
	error = find_octets(message, *file, status);
	if (error != STORE_OK)
		durable_close(*file);
	return error;
}

enum store_error
mailbox_read(struct mailbox *mailbox, struct message *message, int *file)
{
	struct stat status;

	return read_message(mailbox, message, file, &status);
}

/*
 * Lets the name of a message in new/ carry the sizes that were counted, so
 * that they are counted once.  Where that fails the old name is as good.
 */
static enum store_error
put_sizes_into_name(struct mailbox *mailbox, struct message *message,
    uint64_t disk)
{
	struct message_sizes sizes = { disk, message->octets };
	char name[MESSAGE_NAME_SIZE];
	const char *kept;
	struct stat status;
	int new_mail = mailbox->directory[0];

	if (mailbox->lock == -1 || message->in_cur ||
	    maildir_has_uids(mailbox->maildir) ||
	    !maildir_name_with_sizes(name, message->name, &sizes) ||
	    durable_status(new_mail, name, &status) == 0 || errno != ENOENT)
		return STORE_OK;
	kept = names_keep(&mailbox->names, name);
	if (kept == NULL)
		return STORE_FAILED;
	if (durable_rename(new_mail, message->name, new_mail, name) == 0)
		message->name = kept;
	return STORE_OK;
}

/* Finds what a message is on the wire, by its name or by counting. */
static enum store_error
find_size(struct mailbox *mailbox, struct message *message)
{
	struct message_sizes sizes;
	enum store_error error;
	struct stat status;
	int file;

	if (maildir_sizes_in(message->name, &sizes)) {
		message->octets = sizes.wire;
		return STORE_OK;
	}
	error = read_message(mailbox, message, &file, &status);
	if (error != STORE_OK)
		return error;
	durable_close(file);
	return put_sizes_into_name(mailbox, message, (uint64_t)status.st_size);
}

/* Finds the size of each message; those that are gone are left out. */
static enum store_error
find_sizes(struct mailbox *mailbox)
{
	struct message *messages = mailbox->messages;
	enum store_error error;
	size_t i, kept = 0;

	/* All stay in their places as long as one may be looked for. */
	for (i = 0; i < mailbox->count; i++) {
		error = find_size(mailbox, &messages[i]);
		if (error == STORE_NOT_FOUND)
			messages[i].octets = OCTETS_UNKNOWN;
		else if (error != STORE_OK)
			return error;
	}
	for (i = 0; i < mailbox->count; i++)
		if (messages[i].octets != OCTETS_UNKNOWN)
			messages[kept++] = messages[i];
	mailbox->count = kept;
	return STORE_OK;
}

/*
 * Opens new/ and cur/.  Where they are missing they are made, but by those
 * who only look: for them there is nothing in it.
 */
static enum store_error
open_parts(struct mailbox *mailbox, bool make)
{
	static const enum maildir_part parts[] = { MAILDIR_NEW, MAILDIR_CUR };
	enum store_error error = STORE_OK;
	int i;

	for (i = 0; error == STORE_OK && i <= 1; i++) {
		int *directory = &mailbox->directory[i];

		if (make) {
			error = maildir_open_part(mailbox->maildir, parts[i],
			    directory);
			continue;
		}
		*directory = durable_open_directory(mailbox->maildir,
		    maildir_part_name(parts[i]));
		if (*directory == -1 && errno != ENOENT)
			error = store_error_from(errno);
	}
	return error;
}

enum store_error
mailbox_open(struct mailbox *mailbox, struct mail_root *root,
    const struct address *address, bool hold)
{
	enum store_error error;

	memset(mailbox, 0, sizeof *mailbox);
	mailbox->directory[0] = mailbox->directory[1] = mailbox->lock = -1;
	error = maildir_open(root, address, hold, &mailbox->maildir);
	if (error != STORE_OK)
		return error;
	if (hold)
		error = lock_take(mailbox->maildir, &mailbox->lock);
	if (error == STORE_OK)
		error = open_parts(mailbox, hold);
	if (error == STORE_OK)
		error = for_each_name(mailbox, add_message);
	if (error == STORE_OK) {
		put_in_order(mailbox);
		error = find_sizes(mailbox);
	}
	if (error != STORE_OK)
		mailbox_close(mailbox);
	return error;
}

void
mailbox_close(struct mailbox *mailbox)
{
	int saved = errno;

	names_free(mailbox->names);
	free(mailbox->messages);
	if (mailbox->directory[1] != -1)
		durable_close(mailbox->directory[1]);
	if (mailbox->directory[0] != -1)
		durable_close(mailbox->directory[0]);
	if (mailbox->lock != -1)
		durable_close(mailbox->lock);
	durable_close(mailbox->maildir);
	errno = saved;
}

/* Removes a message by what it is called now. */
static enum store_error
remove_as_named(struct mailbox *mailbox, const struct message *message)
{
	if (durable_unlink(mailbox->directory[message->in_cur],
	    message->name) == -1)
		return store_error_from(errno);
	mailbox->removed[message->in_cur] = true;
	return STORE_OK;
}

enum store_error
mailbox_remove(struct mailbox *mailbox, struct message *message)
{
	enum store_error error;
	int tries = 0;

	error = remove_as_named(mailbox, message);
	while (error == STORE_NOT_FOUND && tries++ < NAMES_TRIED_MAX) {
		error = find_again(mailbox, message);
		if (error != STORE_OK)
			return error == STORE_NOT_FOUND ? STORE_OK : error;
		error = remove_as_named(mailbox, message);
	}
	return error;
}

enum store_error
mailbox_sync(struct mailbox *mailbox)
{
	enum store_error error = STORE_OK;
	int i;

	for (i = 0; i <= 1; i++) {
		if (!mailbox->removed[i])
			continue;
		if (durable_sync(mailbox->directory[i]) == -1)
			error = store_error_from(errno);
		else
			mailbox->removed[i] = false;
	}
	return error;
}

void
message_unique_id(const struct message *message, char id[UNIQUE_ID_SIZE])
{
	unsigned char digest[SHA256_OCTETS];
	size_t length = maildir_base_length(message->name), i;
	struct text text;

	for (i = 0; i < length; i++)
		if (message->name[i] < 0x21 || message->name[i] > 0x7e)
			break;
	if (i == length && length > 0 && length < UNIQUE_ID_SIZE) {
		memcpy(id, message->name, length);
		id[length] = '\0';
		return;
	}
	sha256_of(message->name, length, digest);
	text_init(&text, id, UNIQUE_ID_SIZE);
	text_add_hexadecimal(&text, digest, sizeof digest);
}
