/*
 * The most octets that the mailbox of an account may hold: the number in
 * accounts/DOMAIN/USER/quota.  What it holds is the sum of the sizes in the
 * names of its messages: one reading of its directories, and only where a
 * quota is set; a message without a size in its name costs a look at its file.
 */
#ifndef STORE_QUOTA_H
#define STORE_QUOTA_H

#include <stdint.h>

#include "store/address.h"
#include "store/error.h"
#include "store/root.h"

/* Room without end: no quota is set. */
#define QUOTA_NONE UINT64_MAX

/* What an account has, see account_read_setting(); or QUOTA_NONE. */
enum store_error quota_read(int directory, const char *account,
    uint64_t *octets);

/* How much more the mailbox of an account may take with it, in octets. */
enum store_error quota_room(struct mail_root *root,
    const struct address *address, uint64_t quota, uint64_t *room);

/* Sets it; QUOTA_NONE takes it away. */
enum store_error quota_set(struct mail_root *root,
    const struct address *address, uint64_t octets);

#endif
