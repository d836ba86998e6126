/* Names of messages; see short_names.h. */
#include "store/short_names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "store/text.h"

/*
 * Memory that is not written to is none: so large chunks waste nothing.  The
 * first one has what most maildrops need, and comes without a system call.
 */
#define CHUNK_OCTETS 1048576
#define FIRST_OCTETS 4000
#define CHUNKS_MAX (SHORT_NAMES_PLACES / CHUNK_OCTETS)

/* The first hosts are shared, so many of them. */
#define HOSTS_MAX 16

/* What stands for a host, with its number as a letter behind it: in no name. */
#define HOST_MARK '/'

struct short_names {
	size_t count;           /* of the chunks */
	size_t used;            /* of the last one */
	const char *hosts[HOSTS_MAX];   /* each with the dot before it */
	size_t host_octets[HOSTS_MAX];
	size_t host_count;
	char *chunks[CHUNKS_MAX];       /* a place counts each as of CHUNK_OCTETS */
};

static size_t
chunk_octets(size_t number)
{
	return number == 0 ? FIRST_OCTETS : CHUNK_OCTETS;
}

/* Where a name goes next that takes so much; NULL with errno set. */
static char *
make_room(struct short_names *names, size_t size)
{
	char *chunk;

	if (names->count > 0 &&
	    chunk_octets(names->count - 1) - names->used >= size)
		return names->chunks[names->count - 1] + names->used;
	chunk = names->count < CHUNKS_MAX ?
	    malloc(chunk_octets(names->count)) : NULL;
	if (chunk == NULL) {
		errno = ENOMEM;
		return NULL;
	}
	names->chunks[names->count++] = chunk;
	names->used = 0;
	return chunk;
}

/*
 * Finds the host in a base name, SECONDS.ID.HOST, with the dot before it; its
 * length is 0 where that does not look so.
 */
static const char *
find_host(const char *name, size_t *length)
{
	const char *host = strchr(name, '.');

	host = host == NULL ? NULL : strchr(host + 1, '.');
	*length = host == NULL ? 0 : maildir_base_length(host);
	return host;
}

/* The number of a host that is shared, from now on maybe; else HOSTS_MAX. */
static size_t
share_host(struct short_names *names, const char *host, size_t length)
{
	size_t i;
	char *kept;

	for (i = 0; i < names->host_count; i++)
		if (names->host_octets[i] == length &&
		    memcmp(names->hosts[i], host, length) == 0)
			return i;
	if (i == HOSTS_MAX)
		return HOSTS_MAX;
	kept = make_room(names, length);
	if (kept == NULL)
		return HOSTS_MAX;
	memcpy(kept, host, length);
	names->used += length;
	names->hosts[i] = kept;
	names->host_octets[i] = length;
	return names->host_count++;
}

/* Writes a name as it is kept. */
static void
shorten(struct short_names *names, const char *name, struct text *text)
{
	size_t length, number;
	const char *host = find_host(name, &length);

	number = length > 2 ? share_host(names, host, length) : HOSTS_MAX;
	if (number == HOSTS_MAX) {
		text_add(text, name);
		return;
	}
	text_add_octets(text, name, (size_t)(host - name));
	text_add_octet(text, HOST_MARK);
	text_add_octet(text, (char)('A' + number));
	text_add(text, host + length);
}

bool
short_names_keep(struct short_names **names, const char *name,
    uint32_t *place)
{
	char buffer[MESSAGE_NAME_SIZE], *kept;
	struct text text;

	if (*names == NULL) {
		*names = calloc(1, sizeof **names);
		if (*names == NULL) {
			errno = ENOMEM;
			return false;
		}
	}
	text_init(&text, buffer, sizeof buffer);
	shorten(*names, name, &text);
	if (text.cut) {
		errno = ENAMETOOLONG;
		return false;
	}
	kept = make_room(*names, text.length + 1);
	if (kept == NULL)
		return false;
	memcpy(kept, buffer, text.length + 1);
	*place = (uint32_t)((*names)->count - 1) * CHUNK_OCTETS +
	    (uint32_t)(*names)->used;
	(*names)->used += text.length + 1;
	return true;
}

const char *
short_names_at(const struct short_names *names, uint32_t place)
{
	return names->chunks[place / CHUNK_OCTETS] + place % CHUNK_OCTETS;
}

void
short_names_come(const struct short_names *names, uint32_t place)
{
	const char *kept = short_names_at(names, place);

	__builtin_prefetch(kept);
	__builtin_prefetch(kept + 64);
}

void
short_names_get(const struct short_names *names, uint32_t place,
    char name[MESSAGE_NAME_SIZE])
{
	const char *kept = short_names_at(names, place);
	const char *mark = strchr(kept, HOST_MARK);
	struct text text;

	text_init(&text, name, MESSAGE_NAME_SIZE);
	if (mark != NULL) {
		size_t number = (size_t)(mark[1] - 'A');

		text_add_octets(&text, kept, (size_t)(mark - kept));
		text_add_octets(&text, names->hosts[number],
		    names->host_octets[number]);
		kept = mark + 2;
	}
	text_add(&text, kept);
}

void
short_names_free(struct short_names *names)
{
	if (names == NULL)
		return;
	while (names->count > 0)
		free(names->chunks[--names->count]);
	free(names);
}
