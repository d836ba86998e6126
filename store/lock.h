/* The lock of a mailbox, pop3-lock. */
#ifndef STORE_LOCK_H
#define STORE_LOCK_H

#include "store/error.h"

/* What the file is called that is locked. */
#define LOCK_NAME "pop3-lock"

/*
 * Takes the lock of an open Maildir without waiting: STORE_BUSY where another
 * process has it.  The kernel drops it when the process ends, so none is ever
 * stale.  A process takes it once, and closes *lock to give it up; closing any
 * other descriptor of the same file would drop it too.  On failure *lock is -1.
 * Delivery takes none.
 */
enum store_error lock_take(int maildir, int *lock);

#endif
