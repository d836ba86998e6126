/* The mailbox lock; see lock.h. */
#include "store/lock.h"

#include <errno.h>

#include "store/durable.h"

/*
 * Locks, and makes sure that what was locked is still what the name stands
 * for: a mailbox may be removed between the two.
 */
static enum store_error
lock_file(int maildir, int lock)
{
	struct stat held, named;

	if (durable_lock(lock) == -1)
		return errno == EAGAIN || errno == EACCES ? STORE_BUSY :
		    store_error_from(errno);
	if (durable_file_status(lock, &held) == -1)
		return store_error_from(errno);
	if (durable_status(maildir, LOCK_NAME, &named) == -1)
		return errno == ENOENT ? STORE_BUSY : store_error_from(errno);
	return held.st_dev == named.st_dev && held.st_ino == named.st_ino ?
	    STORE_OK : STORE_BUSY;
}

enum store_error
lock_take(int maildir, int *lock)
{
	enum store_error error;

	*lock = durable_open_lock(maildir, LOCK_NAME);
	if (*lock == -1)
		return store_error_from(errno);
	error = lock_file(maildir, *lock);
	if (error != STORE_OK) {
		durable_close(*lock);
		*lock = -1;
	}
	return error;
}
