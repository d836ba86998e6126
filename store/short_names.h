/*
 * Copies of very many names of messages, close together in memory.  Most
 * messages of a mailbox were given their names by one host, which is kept
 * once for all of them.
 */
#ifndef STORE_SHORT_NAMES_H
#define STORE_SHORT_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "store/maildir.h"

/* Places of names are less than this. */
#define SHORT_NAMES_PLACES (UINT32_C(1) << 30)

struct short_names;

/*
 * Copies a name behind those that *names, NULL at first, holds already; *place
 * is where, until short_names_free().  False, with errno set, without memory.
 */
bool short_names_keep(struct short_names **names, const char *name,
    uint32_t *place);

/* Writes the name that was kept. */
void short_names_get(const struct short_names *names, uint32_t place,
    char name[MESSAGE_NAME_SIZE]);

/* The name as it is kept: what stands behind its base is as in the name. */
const char *short_names_at(const struct short_names *names, uint32_t place);

/* Says that short_names_at() will be read soon. */
void short_names_come(const struct short_names *names, uint32_t place);

void short_names_free(struct short_names *names);

#endif
