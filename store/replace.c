/* Files replaced as a whole; see replace.h. */
#include "store/replace.h"

#include <errno.h>
#include <string.h>

#include "store/durable.h"
#include "store/random.h"
#include "store/text.h"

#define TEMPORARY_SIZE (sizeof REPLACE_PREFIX + RANDOM_NAME_SIZE)

/* Makes a file beside the one that it is to become, synced. */
static enum store_error
write_temporary(int directory, char temporary[TEMPORARY_SIZE],
    const void *content, size_t length)
{
	char unique[RANDOM_NAME_SIZE];
	enum store_error error;
	struct text text;
	int file;

	if (random_name(unique) == -1)
		return STORE_FAILED;
	text_init(&text, temporary, TEMPORARY_SIZE);
	text_add(&text, REPLACE_PREFIX);
	text_add(&text, unique);
	file = durable_create(directory, temporary);
	if (file == -1)
		return store_error_from(errno);
	error = STORE_OK;
	if (durable_write(file, content, length) == -1 ||
	    durable_sync(file) == -1) {
		durable_undo(directory, temporary);
		error = store_error_from(errno);
	}
	durable_close(file);
	return error;
}

/* How a file gets its name: by rename(2), or by link(2) where it has none yet. */
typedef int put_in_place(int from, const char *name, int to,
    const char *new_name);

static enum store_error
write_file(int directory, const char *name, const void *content,
    size_t length, put_in_place *put)
{
	char temporary[TEMPORARY_SIZE];
	enum store_error error;

	error = write_temporary(directory, temporary, content, length);
	if (error != STORE_OK)
		return error;
	if (put(directory, temporary, directory, name) == -1)
		error = store_error_from(errno);
	if (error != STORE_OK || put == durable_link)
		durable_undo(directory, temporary);
	if (error == STORE_OK && durable_sync(directory) == -1)
		error = store_error_from(errno);
	return error;
}

enum store_error
replace_file(int directory, const char *name,
    const void *content, size_t length)
{
	return write_file(directory, name, content, length, durable_rename);
}

enum store_error
create_file(int directory, const char *name,
    const void *content, size_t length)
{
	return write_file(directory, name, content, length, durable_link);
}

enum store_error
read_small(int file, char *text, size_t size)
{
	struct stat status;
	size_t length = 0;

	if (durable_file_status(file, &status) == -1)
		return store_error_from(errno);
	if (!S_ISREG(status.st_mode))
		return STORE_MALFORMED;
	while (length < size) {
		ssize_t got = durable_read(file, text + length, size - length);

		if (got == -1)
			return store_error_from(errno);
		if (got == 0) {
			text[length] = '\0';
			return memchr(text, '\0', length) != NULL ?
			    STORE_MALFORMED : STORE_OK;
		}
		length += (size_t)got;
	}
	return STORE_MALFORMED;
}

enum store_error
read_small_file(int directory, const char *name, char *text, size_t size)
{
	enum store_error error;
	int file;

	file = durable_open_file(directory, name);
	if (file == -1)
		return store_error_from(errno);
	error = read_small(file, text, size);
	durable_close(file);
	return error;
}
