/* Who may log in: the verifiers in passwords/DOMAIN/USER. */
#ifndef STORE_LOGIN_H
#define STORE_LOGIN_H

#include <stddef.h>
#include <stdint.h>

#include "store/address.h"
#include "store/error.h"
#include "store/root.h"

/* Sets the password of an account; any octets, at most PASSWORD_OCTETS_MAX. */
enum store_error login_set_password(struct mail_root *root,
    const struct address *address, const char *password, size_t length,
    uint32_t iterations);

/* Nobody can log in to the account after this.  STORE_OK also where no one could. */
enum store_error login_remove_password(struct mail_root *root,
    const struct address *address);

enum login_result {
	LOGIN_OK,
	LOGIN_REFUSED,          /* no such account, no password set, or wrong */
	LOGIN_MALFORMED,        /* the verifier on disk is not to be used */
	LOGIN_FAILED            /* the store is in trouble; errno says why */
};

/*
 * Checks a user name, which is the whole address of an account, and its
 * password.  On LOGIN_OK *account is the account.  An unknown user costs the
 * same time as a wrong password with the default iteration count.
 */
enum login_result login_check(struct mail_root *root,
    const char *user, size_t user_length,
    const char *password, size_t password_length, struct address *account);

#endif
