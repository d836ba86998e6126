/* Directory trees; see tree.h. */
#include "store/tree.h"

#include <errno.h>

#include "store/durable.h"
#include "store/random.h"
#include "store/text.h"

/* As deep as a Maildir with folders of another program ever is, and more. */
#define DEPTH_MAX 16

static enum store_error remove_below(int at, const char *name, int depth);

/* Removes one entry, whatever it is. */
static enum store_error
remove_entry(int directory, const char *name, int depth)
{
	enum store_error error;
	struct stat status;

	if (durable_status(directory, name, &status) == -1)
		return errno == ENOENT ? STORE_OK : store_error_from(errno);
	if (S_ISDIR(status.st_mode)) {
		error = remove_below(directory, name, depth);
		return error == STORE_NOT_FOUND ? STORE_OK : error;
	}
	if (durable_unlink(directory, name) == -1 && errno != ENOENT)
		return store_error_from(errno);
	return STORE_OK;
}

static enum store_error
remove_below(int at, const char *name, int depth)
{
	enum store_error error = STORE_OK;
	struct dirent *entry;
	DIR *list = NULL;
	int directory;

	if (depth > DEPTH_MAX) {
		errno = ELOOP;
		return STORE_FAILED;
	}
	directory = durable_open_directory(at, name);
	if (directory == -1)
		return store_error_from(errno);
	list = durable_list(directory);
	if (list == NULL)
		error = store_error_from(errno);
	while (error == STORE_OK && (entry = durable_next(list)) != NULL)
		error = remove_entry(directory, entry->d_name, depth + 1);
	if (error == STORE_OK && errno != 0)
		error = store_error_from(errno);
	if (list != NULL)
		durable_list_end(list);
	durable_close(directory);
	if (error == STORE_OK && durable_remove_directory(at, name) == -1)
		error = store_error_from(errno);
	return error;
}

enum store_error
tree_remove(int at, const char *name)
{
	return remove_below(at, name, 0);
}

enum store_error
tree_discard(int at, const char *name, int bin)
{
	char away[sizeof TREE_DISCARDED_PREFIX + RANDOM_NAME_SIZE];
	char unique[RANDOM_NAME_SIZE];
	enum store_error error;
	struct text text;

	if (random_name(unique) == -1)
		return STORE_FAILED;
	text_init(&text, away, sizeof away);
	text_add(&text, TREE_DISCARDED_PREFIX);
	text_add(&text, unique);
	if (durable_rename(at, name, bin, away) == -1 ||
	    durable_sync(bin) == -1 || durable_sync(at) == -1)
		return store_error_from(errno);
	error = tree_remove(bin, away);
	return error == STORE_NOT_FOUND ? STORE_OK : error;
}
