/* Who may log in: the verifiers in passwords/DOMAIN/USER. */
#ifndef STORE_LOGIN_H
#define STORE_LOGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/address.h"
#include "store/error.h"
#include "store/password.h"
#include "store/root.h"

/* Sets the password of an account; any octets, at most PASSWORD_OCTETS_MAX. */
enum store_error login_set_password(struct mail_root *root,
    const struct address *address, const char *password, size_t length,
    uint32_t iterations);

/* Nobody can log in to the account after this.  STORE_OK also where no one could. */
enum store_error login_remove_password(struct mail_root *root,
    const struct address *address);

/* Where it is looked up who may log in. */
struct login_source {
	struct mail_root *root;

	/*
	 * NULL: the files in passwords/.  Else a program that decides in
	 * their place, and who asks it.  An account that it lets in for the
	 * first time is made then, with its domain; but never a catch-all,
	 * nor is it asked for that.
	 */
	const char *program;
	enum password_result (*ask)(const char *program,
	    const char *user, size_t user_length,
	    const char *password, size_t password_length);
};

/*
 * Checks a user name, which is the whole address of an account, and its
 * password.  PASSWORD_RIGHT: *account is the account.  PASSWORD_WRONG: there
 * is no such account, it has no password, or another one; an unknown user
 * costs the same time as a wrong password with the default iteration count.
 * PASSWORD_MALFORMED: the verifier on disk is not to be used.
 * PASSWORD_FAILED: the store or the program is in trouble; errno says why.
 */
enum password_result login_check(const struct login_source *source,
    const char *user, size_t user_length,
    const char *password, size_t password_length, struct address *account);

/* A login by SCRAM, between its two steps. */
struct login_scram {
	struct address account;
	struct scram_verifier verifier;
	bool known;             /* there is such a verifier, it is not made up */
};

/*
 * Finds scram->verifier.salt, which the client is to be shown: for a user
 * that cannot log in, one that is made up, and the same each time.
 * PASSWORD_RIGHT: go on; else as above, and never PASSWORD_WRONG.
 */
enum password_result login_scram_begin(const struct login_source *source,
    struct login_scram *scram, const char *user, size_t user_length);

/*
 * Checks the proof, and wipes the verifier.  PASSWORD_RIGHT: scram->account
 * is the account, and signature the server's own proof.
 */
enum password_result login_scram_end(struct login_scram *scram,
    const char *auth_message, size_t length,
    const unsigned char proof[SHA256_OCTETS],
    unsigned char signature[SHA256_OCTETS]);

#endif
