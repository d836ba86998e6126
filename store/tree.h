/* Removing a directory with all that is in it. */
#ifndef STORE_TREE_H
#define STORE_TREE_H

#include "store/error.h"

/*
 * Removes the directory name in at and everything below it, following no
 * symbolic link; the caller syncs at.  STORE_NOT_FOUND where there is none.
 * Another process may be removing it, too.  After a failure a part of it may be left, to be removed by another call.
 */
enum store_error tree_remove(int at, const char *name);

/* What a directory is called, with 16 more characters, after tree_discard(). */
#define TREE_DISCARDED_PREFIX ".removed."

/*
 * The same, but it disappears as a whole: before anything in it is removed it
 * is renamed into the open directory bin, and both are synced.
 */
enum store_error tree_discard(int at, const char *name, int bin);

#endif
