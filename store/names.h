/*
 * Lasting copies of very many names, close together in memory, which are given
 * back all at once.
 */
#ifndef STORE_NAMES_H
#define STORE_NAMES_H

struct names;

/*
 * Copies a name behind those that *names, NULL at first, holds already.  It
 * stays where it is until names_free().  NULL, with errno set, without memory.
 */
const char *names_keep(struct names **names, const char *name);

void names_free(struct names *names);

#endif
