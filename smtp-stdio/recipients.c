/* The recipients of a letter; see recipients.h. */
#include "smtp-stdio/recipients.h"

#include <stdlib.h>
#include <string.h>

#include "store/text.h"

void
recipients_init(struct recipients *recipients)
{
	recipients->list = NULL;
	recipients->count = recipients->room = 0;
}

/* The domain is in small letters, which say the same. */
static struct recipient *
make(const struct named_mailbox *mailbox)
{
	size_t name_size = strlen(mailbox->name) + 1;
	size_t address_size = strlen(mailbox->path.text) + 1, i;
	const struct path *path = &mailbox->path;
	struct recipient *recipient = malloc(sizeof *recipient + name_size +
	    address_size);
	char *address;

	if (recipient == NULL)
		return NULL;
	recipient->name = recipient->text;
	memcpy(recipient->text, mailbox->name, name_size);
	recipient->address = address = recipient->text + name_size;
	memcpy(address, path->text, address_size);
	if (path->domain != NULL)
		for (i = (size_t)(path->domain - path->text);
		    address[i] != '\0'; i++)
			address[i] = text_fold(address[i]);
	recipient->parameters = "";
	recipient->number = 0;
	recipient->is_ascii = path->is_ascii;
	recipient->state = RECIPIENT_WAITING;
	return recipient;
}

bool
recipients_add(struct recipients *recipients,
    const struct named_mailbox *mailbox)
{
	struct recipient *recipient;

	if (recipients->count == recipients->room) {
		size_t room = recipients->room == 0 ? 16 : recipients->room * 2;
		struct recipient **more = realloc(recipients->list,
		    room * sizeof *more);

		if (more == NULL)
			return false;
		recipients->list = more;
		recipients->room = room;
	}
	recipient = make(mailbox);
	if (recipient == NULL)
		return false;
	recipients->list[recipients->count++] = recipient;
	return true;
}

/* A recipient and its place. */
struct placed {
	const char *address;
	size_t place;
};

static int
compare(const void *a, const void *b)
{
	const struct placed *one = a, *other = b;
	int order = strcmp(one->address, other->address);

	return order != 0 ? order :
	    (one->place > other->place) - (one->place < other->place);
}

void
recipients_make_unique(struct recipients *recipients)
{
	size_t count = recipients->count, kept = 0, i;
	struct placed *sorted = calloc(count, sizeof *sorted);

	if (sorted == NULL)             /* then some will be named twice */
		return;
	for (i = 0; i < count; i++)
		sorted[i] = (struct placed) { recipients->list[i]->address, i };
	qsort(sorted, count, sizeof *sorted, compare);
	for (i = count; i-- > 1; )
		if (strcmp(sorted[i].address, sorted[i - 1].address) == 0) {
			free(recipients->list[sorted[i].place]);
			recipients->list[sorted[i].place] = NULL;
		}
	free(sorted);
	for (i = 0; i < count; i++)
		if (recipients->list[i] != NULL)
			recipients->list[kept++] = recipients->list[i];
	recipients->count = kept;
}

void
recipients_free(struct recipients *recipients)
{
	while (recipients->count > 0)
		free(recipients->list[--recipients->count]);
	free(recipients->list);
	recipients_init(recipients);
}
