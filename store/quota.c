/* Quotas; see quota.h. */
#include "store/quota.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "store/account.h"
#include "store/durable.h"
#include "store/maildir.h"
#include "store/text.h"

static const char name[] = "quota";

enum store_error
quota_read(int directory, const char *account, uint64_t *octets)
{
	enum store_error error;
	size_t length;
	char *text;

	error = account_read_setting(directory, account, name,
	    TEXT_NUMBER_SIZE + 2, &text, &length);
	if (error == STORE_NOT_FOUND) {
		*octets = QUOTA_NONE;
		return STORE_OK;
	}
	if (error != STORE_OK)
		return error;
	while (length > 0 && strchr(" \t\r\n", text[length - 1]) != NULL)
		length--;
	if (!text_to_number(text, length, octets))
		error = STORE_MALFORMED;
	free(text);
	return error;
}

enum store_error
quota_set(struct mail_root *root, const struct address *address,
    uint64_t octets)
{
	char buffer[TEXT_NUMBER_SIZE + 1];
	struct text text;

	if (octets == QUOTA_NONE)
		return account_remove_setting(root, address, name);
	text_init(&text, buffer, sizeof buffer);
	text_add_number(&text, octets);
	text_add_octet(&text, '\n');
	return account_write_setting(root, address, name, text.start,
	    text.length);
}

/* Adds the sizes of the messages in one directory. */
static enum store_error
add_directory(int directory, uint64_t *used)
{
	DIR *list = durable_list(directory);
	enum store_error error = STORE_OK;
	struct dirent *entry;

	if (list == NULL)
		return store_error_from(errno);
	while ((entry = durable_next(list)) != NULL) {
		struct message_sizes sizes;
		struct stat status;

		if (entry->d_name[0] == '.')
			continue;
		if (maildir_sizes_in(entry->d_name, &sizes))
			*used += sizes.disk;
		else if (durable_status(directory, entry->d_name,
		    &status) == 0 && S_ISREG(status.st_mode))
			*used += (uint64_t)status.st_size;
	}
	if (errno != 0)
		error = store_error_from(errno);
	durable_list_end(list);
	return error;
}

/* What the mailbox holds; nothing where there is none yet. */
static enum store_error
find_usage(struct mail_root *root, const struct address *address,
    uint64_t *used)
{
	static const enum maildir_part parts[] = { MAILDIR_NEW, MAILDIR_CUR };
	enum store_error error;
	int maildir;
	size_t i;

	*used = 0;
	error = maildir_open(root, address, false, &maildir);
	if (error != STORE_OK)
		return error == STORE_NOT_FOUND ? STORE_OK : error;
	for (i = 0; i < sizeof parts / sizeof parts[0] && error == STORE_OK;
	    i++) {
		int directory = durable_open_directory(maildir,
		    maildir_part_name(parts[i]));

		if (directory == -1) {
			error = errno == ENOENT ? STORE_OK :
			    store_error_from(errno);
			continue;
		}
		error = add_directory(directory, used);
		durable_close(directory);
	}
	durable_close(maildir);
	return error;
}

enum store_error
quota_room(struct mail_root *root, const struct address *address,
    uint64_t quota, uint64_t *room)
{
	enum store_error error;
	uint64_t used;

	*room = QUOTA_NONE;
	if (quota == QUOTA_NONE)
		return STORE_OK;
	error = find_usage(root, address, &used);
	if (error == STORE_OK)
		*room = used < quota ? quota - used : 0;
	return error;
}
