/* The queue of messages for other hosts; see outgoing.h. */
#include "store/outgoing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "store/durable.h"
#include "store/random.h"
#include "store/replace.h"

bool
outgoing_is_id(const char *id)
{
	size_t length = strspn(id, "0123456789abcdef");

	return length == MESSAGE_ID_SIZE - 1 && id[length] == '\0';
}

/*
 * Makes the parts of the queue that are missing.  Nobody can put anything into
 * one whose name is not synced, since it has mode 0500 until then: who finds
 * it so, because its maker is still at work or never will be again, has to
 * call this.
 */
static enum store_error
complete(struct mail_root *root)
{
	static const char *const names[2] = {
		OUTGOING_MESSAGES, OUTGOING_ENVELOPES
	};
	enum store_error error;
	int outgoing;
	size_t i;

	error = root_part(root, ROOT_OUTGOING, &outgoing);
	if (error != STORE_OK)
		return error;
	if (durable_sync(root->directory) == -1)
		return store_error_from(errno);
	for (i = 0; i < 2; i++)
		if (durable_make_closed_directory(outgoing, names[i]) == -1 &&
		    errno != EEXIST)
			return store_error_from(errno);
	if (durable_sync(outgoing) == -1)
		return store_error_from(errno);
	for (i = 0; i < 2; i++)
		if (durable_set_mode(outgoing, names[i], S_IRWXU) == -1)
			return store_error_from(errno);
	return STORE_OK;
}

/* Opens a part once; with make, makes it where it is missing. */
static enum store_error
open_part(struct mail_root *root, const char *name, bool make, int *slot)
{
	enum store_error error;
	int outgoing = root->outgoing;

	if (*slot != -1)
		return STORE_OK;
	if (make)
		error = root_part(root, ROOT_OUTGOING, &outgoing);
	else {
		if (outgoing == -1)
			outgoing = root->outgoing = durable_open_directory(
			    root->directory, "outgoing");
		error = outgoing == -1 ? store_error_from(errno) : STORE_OK;
	}
	if (error != STORE_OK)
		return error;
	*slot = durable_open_directory(outgoing, name);
	if (*slot == -1 && errno == ENOENT && make) {
		error = complete(root);
		if (error != STORE_OK)
			return error;
		*slot = durable_open_directory(outgoing, name);
	}
	return *slot == -1 ? store_error_from(errno) : STORE_OK;
}

static enum store_error
open_parts(struct mail_root *root, bool make)
{
	enum store_error error = open_part(root, OUTGOING_MESSAGES, make,
	    &root->messages);

	return error == STORE_OK ? open_part(root, OUTGOING_ENVELOPES, make,
	    &root->envelopes) : error;
}

/* Writes all of an envelope, and syncs it. */
static enum store_error
write_envelope(const struct outgoing *outgoing, int file)
{
	int64_t due = outgoing_due(outgoing);
	enum store_error error;
	size_t length;
	char *text;

	error = outgoing_to_text(outgoing, &text, &length);
	if (error != STORE_OK)
		return error;
	/* What was due on its arrival is so by being written now. */
	if (durable_write(file, text, length) == -1 ||
	    (due > outgoing->arrived && durable_set_time(file, due) == -1) ||
	    durable_sync(file) == -1)
		error = store_error_from(errno);
	free(text);
	return error;
}

/* Gives the envelope that is written the name of its entry. */
static enum store_error
name_envelope(struct mail_root *root, const char *temporary, const char *id)
{
	int result = durable_rename(root->incoming, temporary,
	    root->envelopes, id);

	if (result == -1 && errno == EACCES && complete(root) == STORE_OK)
		result = durable_rename(root->incoming, temporary,
		    root->envelopes, id);
	if (result == -1 || durable_sync(root->envelopes) == -1)
		return store_error_from(errno);
	return STORE_OK;
}

/*
 * Puts an envelope into the queue, or in the place of the one that is there.
 * It is written in .incoming/, the only place where a process that is confined
 * can write, and its writer's lock holds it there.
 */
static enum store_error
put_envelope(struct mail_root *root, const struct outgoing *outgoing)
{
	char temporary[RANDOM_NAME_SIZE];
	enum store_error error;
	int incoming, file;

	error = root_part(root, ROOT_INCOMING, &incoming);
	if (error != STORE_OK)
		return error;
	if (random_name(temporary) == -1)
		return STORE_FAILED;
	file = durable_create(incoming, temporary);
	if (file == -1)
		return store_error_from(errno);
	error = durable_lock(file) == -1 ? store_error_from(errno) :
	    write_envelope(outgoing, file);
	if (error == STORE_OK)
		error = name_envelope(root, temporary, outgoing->id);
	if (error != STORE_OK)
		durable_undo(incoming, temporary);
	durable_close(file);
	return error;
}

/* Links the message into the queue, also where that is not yet open for it. */
static enum store_error
put_message(struct outgoing *outgoing, struct delivery *delivery)
{
	struct mail_root *root = delivery->root;
	enum store_error error;

	error = delivery_link(delivery, root->messages, outgoing->id,
	    &outgoing->copy);
	if (error == STORE_FAILED && errno == EACCES &&
	    complete(root) == STORE_OK)
		error = delivery_link(delivery, root->messages, outgoing->id,
		    &outgoing->copy);
	return error;
}

enum store_error
outgoing_put(struct outgoing *outgoing, struct delivery *delivery)
{
	struct mail_root *root = delivery->root;
	enum store_error error = open_parts(root, true);

	if (error != STORE_OK)
		return error;
	memcpy(outgoing->id, delivery->id, sizeof outgoing->id);
	error = put_message(outgoing, delivery);
	if (error != STORE_OK)
		return error;
	if (durable_sync(root->messages) == -1)
		error = store_error_from(errno);
	if (error == STORE_OK)
		error = put_envelope(root, outgoing);
	if (error != STORE_OK)
		outgoing_revoke(outgoing, delivery);
	return error;
}

/* The envelope first, so that there is never one without its message. */
static enum store_error
remove_entry(struct mail_root *root, const char *id)
{
	if (durable_unlink(root->envelopes, id) == 0) {
		if (durable_sync(root->envelopes) == -1)
			return store_error_from(errno);
	} else if (errno != ENOENT)
		return store_error_from(errno);
	if (durable_unlink(root->messages, id) == -1 && errno != ENOENT)
		return store_error_from(errno);
	return STORE_OK;
}

void
outgoing_revoke(const struct outgoing *outgoing,
    const struct delivery *delivery)
{
	int saved = errno;

	(void)remove_entry(delivery->root, outgoing->id);
	errno = saved;
}

static int
compare_entries(const void *left, const void *right)
{
	const struct outgoing_entry *a = left, *b = right;

	if (a->due != b->due)
		return a->due < b->due ? -1 : 1;
	return strcmp(a->id, b->id);
}

/* Adds an entry to a list that has *room; what is none is passed over. */
static enum store_error
add_entry(int envelopes, const char *id, struct outgoing_entry **entries,
    size_t *count, size_t *room)
{
	struct outgoing_entry *entry;
	struct stat status;

	if (!outgoing_is_id(id))
		return STORE_OK;
	if (durable_status(envelopes, id, &status) == -1)
		return errno == ENOENT ? STORE_OK : store_error_from(errno);
	if (!S_ISREG(status.st_mode))
		return STORE_OK;
	if (*count == *room) {
		size_t wanted = *room == 0 ? 64 : 2 * *room;
		void *moved = realloc(*entries, wanted * sizeof **entries);

		if (moved == NULL)
			return STORE_FULL;
		*entries = moved;
		*room = wanted;
	}
	entry = &(*entries)[(*count)++];
	memcpy(entry->id, id, sizeof entry->id);
	entry->due = (int64_t)status.st_mtime;
	return STORE_OK;
}

/* Lists an open directory; errno is 0 at its end. */
static enum store_error
list_envelopes(int envelopes, DIR *list, struct outgoing_entry **entries,
    size_t *count)
{
	enum store_error error = STORE_OK;
	struct dirent *entry = NULL;
	size_t room = 0;

	while (error == STORE_OK && (entry = durable_next(list)) != NULL)
		error = add_entry(envelopes, entry->d_name, entries, count,
		    &room);
	return error == STORE_OK && errno != 0 ? store_error_from(errno) :
	    error;
}

enum store_error
outgoing_list(struct mail_root *root, struct outgoing_entry **entries,
    size_t *count)
{
	enum store_error error = open_parts(root, false);
	DIR *list;

	*entries = NULL;
	*count = 0;
	if (error != STORE_OK)
		return error == STORE_NOT_FOUND ? STORE_OK : error;
	list = durable_list(root->envelopes);
	if (list == NULL)
		return store_error_from(errno);
	error = list_envelopes(root->envelopes, list, entries, count);
	durable_list_end(list);
	if (error != STORE_OK) {
		free(*entries);
		*entries = NULL;
		*count = 0;
	} else if (*count > 0)
		qsort(*entries, *count, sizeof **entries, compare_entries);
	return error;
}

/* Reads the text of an envelope, which the caller frees. */
static enum store_error
read_text(int file, char **text)
{
	struct stat status;
	enum store_error error;
	size_t size;

	*text = NULL;
	if (durable_file_status(file, &status) == -1)
		return store_error_from(errno);
	if (status.st_size > (off_t)OUTGOING_OCTETS_MAX)
		return STORE_MALFORMED;
	size = (size_t)status.st_size + 2;
	*text = malloc(size);
	if (*text == NULL)
		return STORE_FULL;
	error = read_small(file, *text, size);
	if (error != STORE_OK)
		free(*text);
	return error;
}

/* Opens both parts, for what may be an entry. */
static enum store_error
open_entry(struct mail_root *root, const char *id)
{
	return outgoing_is_id(id) ? open_parts(root, false) : STORE_NOT_FOUND;
}

enum store_error
outgoing_read(struct mail_root *root, const char *id,
    struct outgoing *outgoing)
{
	enum store_error error = open_entry(root, id);
	char *text;
	int file;

	if (error != STORE_OK)
		return error;
	file = durable_open_file(root->envelopes, id);
	if (file == -1)
		return store_error_from(errno);
	error = read_text(file, &text);
	durable_close(file);
	if (error != STORE_OK)
		return error;
	outgoing_init(outgoing, 0);
	memcpy(outgoing->id, id, sizeof outgoing->id);
	error = outgoing_from_text(outgoing, text);
	free(text);
	if (error != STORE_OK)
		outgoing_free(outgoing);
	return error;
}

enum store_error
outgoing_look(struct mail_root *root, const char *id, uint64_t *octets,
    bool *is_taken)
{
	struct stat status;
	enum store_error error = open_entry(root, id);
	int message, result = -1;

	if (error != STORE_OK)
		return error;
	message = durable_open_file(root->messages, id);
	if (message == -1)
		return store_error_from(errno);
	if (durable_file_status(message, &status) == 0)
		result = durable_is_locked(message);
	if (result == -1)
		error = store_error_from(errno);
	else {
		*octets = (uint64_t)status.st_size;
		*is_taken = result == 1;
	}
	durable_close(message);
	return error;
}

enum store_error
outgoing_lock(struct mail_root *root, const char *id, int *message)
{
	enum store_error error = open_entry(root, id);

	if (error != STORE_OK)
		return error;
	*message = durable_open_both(root->messages, id);
	if (*message == -1)
		return store_error_from(errno);
	if (durable_lock(*message) == -1) {
		error = errno == EAGAIN || errno == EACCES ? STORE_BUSY :
		    store_error_from(errno);
		durable_close(*message);
	}
	return error;
}

enum store_error
outgoing_take(struct mail_root *root, const char *id,
    struct outgoing *outgoing, int *message)
{
	enum store_error error = outgoing_lock(root, id, message);

	if (error != STORE_OK)
		return error;
	error = outgoing_read(root, id, outgoing);
	if (error != STORE_OK)
		durable_close(*message);
	return error;
}

enum store_error
outgoing_update(struct mail_root *root, const struct outgoing *outgoing)
{
	return outgoing->count == 0 ? outgoing_remove(root, outgoing->id) :
	    put_envelope(root, outgoing);
}

enum store_error
outgoing_remove(struct mail_root *root, const char *id)
{
	enum store_error error = open_entry(root, id);

	return error == STORE_OK ? remove_entry(root, id) : error;
}
