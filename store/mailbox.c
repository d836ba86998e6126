/* Mailboxes; see mailbox.h. */
#include "store/mailbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "store/durable.h"
#include "store/lock.h"
#include "store/mailbox_order.h"
#include "store/sha256.h"
#include "store/short_names.h"
#include "store/text.h"

/* More messages than memory is given for: nobody's mailbox. */
#define MESSAGES_MAX 100000000

/* The most that struct message has room for. */
#define OCTETS_MAX ((UINT64_C(1) << 60) - 1)

/* What a message is that was gone before it was counted. */
#define OCTETS_UNKNOWN OCTETS_MAX

/*
 * A message is gone when so many scans in a row did not list it: one alone may
 * miss a name that changes while a large directory is read.
 */
#define SCANS_TO_BE_GONE 2

/* How often a message is looked up again that changes its name each time. */
#define NAMES_TRIED_MAX 100

/* From now on a message is called this. */
static bool
keep_name(struct mailbox *mailbox, struct message *message, const char *name)
{
	uint32_t place;

	if (!short_names_keep(&mailbox->names, name, &place))
		return false;
	message->name = place & (SHORT_NAMES_PLACES - 1);
	return true;
}

void
message_name(const struct mailbox *mailbox, const struct message *message,
    char name[MESSAGE_NAME_SIZE])
{
	short_names_get(mailbox->names, message->name, name);
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
	if (!keep_name(mailbox, message, name))
		return STORE_FAILED;
	message_set_place(message, name);
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
	struct message *message = mailbox_find(mailbox, name);
	char known[MESSAGE_NAME_SIZE];

	if (message == NULL)            /* delivered since: not in this session */
		return STORE_OK;
	message_name(mailbox, message, known);
	if (strcmp(known, name) != 0 && !keep_name(mailbox, message, name))
		return STORE_FAILED;
	message->in_cur = in_cur;
	message->listed = true;
	return STORE_OK;
}

/* Gives each name in new/, then in cur/, to one of the functions above. */
static enum store_error
for_each_name(struct mailbox *mailbox, enum store_error (*function)(
    struct mailbox *mailbox, const char *name, bool in_cur))
{
	static struct durable_names names;      /* too big for a stack */
	enum store_error error = STORE_OK;
	int in_cur;

	for (in_cur = 0; error == STORE_OK && in_cur <= 1; in_cur++) {
		bool may_be_file;
		const char *name;

		if (mailbox->directory[in_cur] == -1)
			continue;
		if (durable_names_begin(&names,
		    mailbox->directory[in_cur]) == -1)
			return store_error_from(errno);
		while (error == STORE_OK && (name =
		    durable_next_name(&names, &may_be_file)) != NULL)
			if (may_be_file && name[0] != '.')
				error = function(mailbox, name, in_cur == 1);
		if (error == STORE_OK && errno != 0)
			error = STORE_FAILED;
		durable_names_end(&names);
	}
	return error;
}

static void
close_message(int *file)
{
	durable_close(*file);
	*file = -1;
}

/*
 * Opens what a message is called now; *file is -1 where that fails.  What is
 * no regular file is gone, and not looked for.
 */
static enum store_error
open_message(struct mailbox *mailbox, struct message *message, int *file,
    struct stat *status)
{
	enum store_error error = STORE_OK;
	char name[MESSAGE_NAME_SIZE];

	message_name(mailbox, message, name);
	*file = durable_open_file(mailbox->directory[message->in_cur], name);
	if (*file == -1 && errno != ELOOP)
		return store_error_from(errno);
	if (*file != -1 && durable_file_status(*file, status) == -1)
		error = store_error_from(errno);
	else if (*file == -1 || !S_ISREG(status->st_mode)) {
		message->missed = SCANS_TO_BE_GONE;
		error = STORE_NOT_FOUND;
	}
	if (error != STORE_OK && *file != -1)
		close_message(file);
	return error;
}

/* The sizes in the name of a message; false where there are none to believe. */
static bool
find_sizes_in_name(const struct mailbox *mailbox,
    const struct message *message, struct message_sizes *sizes)
{
	return maildir_sizes_in(short_names_at(mailbox->names, message->name),
	    sizes) && sizes->wire < OCTETS_MAX;
}

/* The octets of an open message: by its name where that is right. */
static enum store_error
find_octets(const struct mailbox *mailbox, struct message *message, int file,
    const struct stat *status)
{
	struct message_sizes sizes;
	enum store_error error;

	if (!find_sizes_in_name(mailbox, message, &sizes) ||
	    sizes.disk != (uint64_t)status->st_size) {
		error = maildir_count(file, &sizes);
		if (error != STORE_OK)
			return error;
		if (durable_rewind(file) == -1)
			return STORE_FAILED;
	}
	message->octets = sizes.wire & OCTETS_MAX;
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

/*
 * Opens a message, wherever it is now, and finds its octets; *file is -1 where
 * that fails.
 */
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
	if (*file == -1)
		return error;
	error = find_octets(mailbox, message, *file, status);
	if (error != STORE_OK)
		close_message(file);
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
	char old_name[MESSAGE_NAME_SIZE], name[MESSAGE_NAME_SIZE];
	struct message renamed = *message;
	struct stat status;
	int new_mail = mailbox->directory[0];

	message_name(mailbox, message, old_name);
	if (mailbox->lock == -1 || message->in_cur ||
	    maildir_has_uids(mailbox->maildir) ||
	    !maildir_name_with_sizes(name, old_name, &sizes) ||
	    durable_status(new_mail, name, &status) == 0 || errno != ENOENT)
		return STORE_OK;
	if (!keep_name(mailbox, &renamed, name))
		return STORE_FAILED;
	if (durable_rename(new_mail, old_name, new_mail, name) == 0)
		*message = renamed;
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

	if (find_sizes_in_name(mailbox, message, &sizes)) {
		message->octets = sizes.wire & OCTETS_MAX;
		return STORE_OK;
	}
	error = read_message(mailbox, message, &file, &status);
	if (file == -1)
		return error;
	durable_close(file);
	return put_sizes_into_name(mailbox, message, (uint64_t)status.st_size);
}

/* So many messages later, a name has come into the processor's cache. */
#define AHEAD 8

/* Finds the size of each message; those that are gone are left out. */
static enum store_error
find_sizes(struct mailbox *mailbox)
{
	struct message *messages = mailbox->messages;
	enum store_error error;
	size_t i, kept = 0;

	/* All stay in their places as long as one may be looked for. */
	for (i = 0; i < mailbox->count; i++) {
		if (mailbox->count - i > AHEAD)
			short_names_come(mailbox->names,
			    messages[i + AHEAD].name);
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
		mailbox_sort(mailbox);
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

	short_names_free(mailbox->names);
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
	char name[MESSAGE_NAME_SIZE];

	message_name(mailbox, message, name);
	if (durable_unlink(mailbox->directory[message->in_cur], name) == -1)
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
message_unique_id(const struct mailbox *mailbox,
    const struct message *message, char id[UNIQUE_ID_SIZE])
{
	unsigned char digest[SHA256_OCTETS];
	char name[MESSAGE_NAME_SIZE];
	size_t length, i;
	struct text text;

	message_name(mailbox, message, name);
	length = maildir_base_length(name);
	for (i = 0; i < length; i++)
		if (name[i] < 0x21 || name[i] > 0x7e)
			break;
	if (i == length && length > 0 && length < UNIQUE_ID_SIZE) {
		memcpy(id, name, length);
		id[length] = '\0';
		return;
	}
	sha256_of(name, length, digest);
	text_init(&text, id, UNIQUE_ID_SIZE);
	text_add_hexadecimal(&text, digest, sizeof digest);
}
