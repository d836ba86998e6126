/* Forwarding; see forward.h. */
#include "store/forward.h"

#include <stdlib.h>
#include <string.h>

#include "store/account.h"
#include "store/text.h"

static const char name[] = "forward";

/* A line holds an address and its line end, maybe with blanks around. */
#define LINE_OCTETS_MAX (ADDRESS_TEXT_SIZE + 16)
#define FILE_OCTETS_MAX ((size_t)FORWARD_TARGETS_MAX * LINE_OCTETS_MAX)

enum store_error
forward_read(int directory, const char *account, struct forward *forward)
{
	forward->at = 0;
	return account_read_setting(directory, account, name, FILE_OCTETS_MAX,
	    &forward->text, &forward->length);
}

const char *
forward_next(struct forward *forward)
{
	while (forward->at < forward->length) {
		char *line = forward->text + forward->at;
		size_t length = strcspn(line, "\n");

		forward->at += length + 1;
		while (length > 0 && strchr(" \t\r", line[length - 1]) != NULL)
			length--;
		line[length] = '\0';
		line += strspn(line, " \t");
		if (*line != '\0')
			return line;
	}
	return NULL;
}

void
forward_free(struct forward *forward)
{
	free(forward->text);
	forward->text = NULL;
}

enum store_error
forward_set(struct mail_root *root, const struct address *address,
    char *const *targets, size_t count)
{
	enum store_error error;
	struct text text;
	char *buffer;
	size_t i;

	if (count == 0)
		return account_remove_setting(root, address, name);
	buffer = malloc(count * ADDRESS_TEXT_SIZE + 1);
	if (buffer == NULL)
		return STORE_FULL;
	text_init(&text, buffer, count * ADDRESS_TEXT_SIZE + 1);
	for (i = 0; i < count; i++) {
		text_add(&text, targets[i]);
		text_add_octet(&text, '\n');
	}
	error = account_write_setting(root, address, name, text.start,
	    text.length);
	free(buffer);
	return error;
}
