/* Removing a directory with all that is in it. */
#ifndef STORE_TREE_H
#define STORE_TREE_H

#include "store/error.h"

/*
 * Removes the directory name in at and everything below it, following no
 * symbolic link; the caller syncs at.  STORE_NOT_FOUND where there is none.
 * After a failure a part of it may be left, to be removed by another call.
 */
enum store_error tree_remove(int at, const char *name);

#endif
