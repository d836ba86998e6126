/*
 * Accounts: who may have mail.  An account exists when its directory
 * accounts/DOMAIN/USER does, and a domain is hosted when accounts/DOMAIN
 * does, so each look-up is a path resolution, whatever their number.
 */
#ifndef STORE_ACCOUNT_H
#define STORE_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>

#include "store/address.h"
#include "store/error.h"
#include "store/root.h"

/* The account that takes what no other account of its domain takes. */
#define CATCH_ALL "*"

/* STORE_OK, STORE_NOT_FOUND, STORE_NOT_HOSTED or STORE_FAILED. */
enum store_error account_find(struct mail_root *root,
    const struct address *address);

/* Makes an account, and its domain; STORE_EXISTS where it is there. */
enum store_error account_create(struct mail_root *root,
    const struct address *address);

/*
 * Which account takes mail for an address; in this order:
 *
 *   1. the account of that very name, but never a literal "*";
 *   2. that of the part before the first "+" (RFC 5233), where the part is
 *      neither empty nor "*";
 *   3. postmaster, which is made where it is missing (RFC 5321 section 4.5.1);
 *   4. the domain's catch-all;
 *   5. with create: a new account, for the part before the "+".
 *
 * STORE_NOT_HOSTED: no such domain here.  STORE_NOT_FOUND: no such account.
 */
enum store_error account_resolve(struct mail_root *root,
    const struct address *address, bool create, struct address *account);

/*
 * Who takes mail for <Postmaster> without a domain: postmaster in the first
 * hosted domain (in octet order) that has the account, else, made here, in
 * the first hosted domain.  STORE_NOT_FOUND where no domain is hosted.
 */
enum store_error account_postmaster(struct mail_root *root,
    struct address *account);

/*
 * Removes an account and what belongs to it in accounts/; its domain too
 * where it was the last one.  STORE_NOT_FOUND where there is none.
 */
enum store_error account_remove(struct mail_root *root,
    const struct address *address);

/* Opens accounts/DOMAIN/USER; the caller closes it. */
enum store_error account_open(struct mail_root *root,
    const struct address *address, int *account);

/*
 * Opens accounts/DOMAIN, which stays the root's, of an account that has just
 * been found.
 */
enum store_error account_domain(struct mail_root *root,
    const struct address *address, int *domain);

/*
 * Reads a file of an account, of at most size octets, into memory that the
 * caller frees; a NUL stands behind it.  STORE_NOT_FOUND: there is none.
 * STORE_MALFORMED: it is longer, or has a NUL in it.
 *
 * directory is either the account's own, and account "."; or that of its
 * domain, and account its local part, which has just been found there: so it
 * is a directory, and no symbolic link is followed.
 */
enum store_error account_read_setting(int directory, const char *account,
    const char *name, size_t size, char **text, size_t *length);

/* Puts such a file in place of the one that is there. */
enum store_error account_write_setting(struct mail_root *root,
    const struct address *address, const char *name, const char *text,
    size_t length);

/* Takes it away; STORE_OK also where there is none. */
enum store_error account_remove_setting(struct mail_root *root,
    const struct address *address, const char *name);

#endif
