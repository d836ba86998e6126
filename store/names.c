/* Names; see names.h. */
#include "store/names.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_OCTETS 65536

/* They stand one behind the other in chunks, which never move. */
struct names {
	struct names *before;
	size_t used;
	char octets[CHUNK_OCTETS];
};

const char *
names_keep(struct names **names, const char *name)
{
	struct names *chunk = *names;
	size_t size = strlen(name) + 1;
	char *kept;

	if (size > sizeof chunk->octets) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	if (chunk == NULL || sizeof chunk->octets - chunk->used < size) {
		chunk = malloc(sizeof *chunk);
		if (chunk == NULL) {
			errno = ENOMEM;
			return NULL;
		}
		chunk->before = *names;
		chunk->used = 0;
		*names = chunk;
	}
	kept = chunk->octets + chunk->used;
	memcpy(kept, name, size);
	chunk->used += size;
	return kept;
}

void
names_free(struct names *names)
{
	while (names != NULL) {
		struct names *before = names->before;

		free(names);
		names = before;
	}
}
