/* Small files that are replaced as a whole. */
#ifndef STORE_REPLACE_H
#define STORE_REPLACE_H

#include <stddef.h>

#include "store/error.h"

/*
 * What a new file is called, with 16 more characters, until it has its name:
 * no account begins with a dot.
 */
#define REPLACE_PREFIX ".new."

/*
 * Puts a file with this content into an open directory, in place of one of
 * that name: written beside it, synced, renamed, the directory synced.  After
 * STORE_OK it survives a power cut; after a failure the old one is there as
 * it was, unless only the last sync failed.
 */
enum store_error replace_file(int directory, const char *name,
    const void *content, size_t length);

/*
 * The same for a file that must not be there yet: STORE_EXISTS, and nothing
 * changed, where it is.
 */
enum store_error create_file(int directory, const char *name,
    const void *content, size_t length);

/*
 * Reads a small file into text, which gets a NUL.  STORE_MALFORMED where it
 * does not fit, holds a NUL or is no regular file.
 */
enum store_error read_small_file(int directory, const char *name,
    char *text, size_t size);

/* The same for a file that is open; it stays so. */
enum store_error read_small(int file, char *text, size_t size);

#endif
