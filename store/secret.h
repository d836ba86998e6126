/*
 * The secret of a mail root: random octets from which what an unknown user is
 * shown is made up, so that it is the same each time.
 */
#ifndef STORE_SECRET_H
#define STORE_SECRET_H

#include "store/error.h"
#include "store/root.h"

#define SECRET_NAME ".secret"         /* in passwords/ */
#define SECRET_OCTETS 32

/*
 * Reads passwords/.secret, and makes it where it is missing.  It is never
 * replaced.
 */
enum store_error secret_read(struct mail_root *root,
    unsigned char secret[SECRET_OCTETS]);

/* Makes it where it is missing. */
enum store_error secret_ensure(struct mail_root *root);

#endif
