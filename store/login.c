/* Logins; see login.h. */
#include "store/login.h"

#include <errno.h>
#include <string.h>

#include "store/account.h"
#include "store/durable.h"
#include "store/random.h"
#include "store/replace.h"
#include "store/secret.h"
#include "store/text.h"
#include "store/wipe.h"

/* Of a user name that belongs to nobody, so much counts. */
#define NAME_OCTETS_MAX ADDRESS_TEXT_SIZE

/* So that no server has to, which may not be able to write here. */
static enum store_error
make_secret(struct mail_root *root)
{
	unsigned char secret[SECRET_OCTETS];
	enum store_error error = secret_read(root, secret);

	wipe(secret, sizeof secret);
	return error;
}

enum store_error
login_set_password(struct mail_root *root, const struct address *address,
    const char *password, size_t length, uint32_t iterations)
{
	struct scram_verifier verifier;
	char text[VERIFIER_SIZE];
	enum store_error error;
	size_t end;
	int domain;

	verifier.salt.iterations = iterations;
	verifier.salt.length = SALT_OCTETS;
	if (random_octets(verifier.salt.octets, SALT_OCTETS) == -1)
		return STORE_FAILED;
	scram_verifier_make(&verifier, password, length);
	scram_verifier_text(&verifier, text);
	end = strlen(text);
	text[end++] = '\n';

	error = make_secret(root);
	if (error == STORE_OK)
		error = root_domain(root, ROOT_PASSWORDS, address->domain,
		    &domain);
	if (error == STORE_OK) {
		error = durable_sync(root->passwords) == -1 ?
		    store_error_from(errno) :
		    replace_file(domain, address->local, text, end);
		durable_close(domain);
	}
	wipe(&verifier, sizeof verifier);
	wipe(text, sizeof text);
	return error;
}

/* Opens passwords/DOMAIN where it is there. */
static enum store_error
open_domain(struct mail_root *root, const struct address *address, int *domain)
{
	enum store_error error;
	int passwords;

	error = root_part(root, ROOT_PASSWORDS, &passwords);
	if (error != STORE_OK)
		return error;
	*domain = durable_open_directory(passwords, address->domain);
	return *domain == -1 ? store_error_from(errno) : STORE_OK;
}

enum store_error
login_remove_password(struct mail_root *root, const struct address *address)
{
	enum store_error error;
	int domain;

	error = open_domain(root, address, &domain);
	if (error != STORE_OK)
		return error == STORE_NOT_FOUND ? STORE_OK : error;
	if (durable_unlink(domain, address->local) == -1)
		error = errno == ENOENT ? STORE_OK : store_error_from(errno);
	else if (durable_sync(domain) == -1)
		error = store_error_from(errno);
	durable_close(domain);
	if (error == STORE_OK)          /* fails where passwords are left */
		(void)durable_remove_directory(root->passwords,
		    address->domain);
	return error;
}

/* The verifier of an account, as the text of its file. */
static enum store_error
read_verifier(struct mail_root *root, const struct address *address,
    char verifier[VERIFIER_SIZE])
{
	enum store_error error;
	int domain;

	error = account_find(root, address);
	if (error == STORE_OK)
		error = open_domain(root, address, &domain);
	if (error != STORE_OK)
		return error;
	error = read_small_file(domain, address->local, verifier,
	    VERIFIER_SIZE);
	durable_close(domain);
	return error;
}

/*
 * Makes up the verifier of a user who has none: its salt is a keyed hash of
 * the name (RFC 5802 section 7), and no password has its keys.
 */
static enum store_error
invent_verifier(struct mail_root *root, const char *user, size_t length,
    char text[VERIFIER_SIZE])
{
	unsigned char secret[SECRET_OCTETS], digest[SHA256_OCTETS];
	struct scram_verifier verifier;
	enum store_error error;
	char name[NAME_OCTETS_MAX];
	size_t i;

	error = secret_read(root, secret);
	if (error != STORE_OK)
		return error;
	if (length > sizeof name)
		length = sizeof name;
	for (i = 0; i < length; i++)
		name[i] = text_fold(user[i]);
	memset(&verifier, 0, sizeof verifier);
	verifier.salt.iterations = ITERATIONS_DEFAULT;
	verifier.salt.length = SALT_OCTETS;
	hmac_sha256(secret, sizeof secret, name, length, digest);
	memcpy(verifier.salt.octets, digest, SALT_OCTETS);
	scram_verifier_text(&verifier, text);
	wipe(secret, sizeof secret);
	return STORE_OK;
}

/*
 * Finds the verifier of a user as text.  PASSWORD_RIGHT: it is in
 * passwords/.  PASSWORD_WRONG: there is none, and this one is made up.
 */
static enum password_result
find_verifier(struct mail_root *root, const char *user, size_t length,
    struct address *account, char verifier[VERIFIER_SIZE])
{
	enum store_error error = STORE_NOT_FOUND;

	if (address_parse(account, user, length))
		error = read_verifier(root, account, verifier);
	switch (error) {
	case STORE_OK:
		return PASSWORD_RIGHT;
	case STORE_NOT_FOUND:
	case STORE_NOT_HOSTED:
		error = invent_verifier(root, user, length, verifier);
		return error == STORE_OK ? PASSWORD_WRONG : PASSWORD_FAILED;
	case STORE_MALFORMED:
		return PASSWORD_MALFORMED;
	case STORE_EXISTS:
	case STORE_BUSY:
	case STORE_FULL:
	case STORE_FAILED:
		break;
	}
	return PASSWORD_FAILED;
}

/* Has the program decide, and makes the account of whom it lets in. */
static enum password_result
ask_program(const struct login_source *source,
    const char *user, size_t user_length,
    const char *password, size_t password_length, struct address *account)
{
	enum password_result result;
	enum store_error error;

	/* "*" is the catch-all here, and matches anybody in many a database. */
	if (!address_parse(account, user, user_length) ||
	    strcmp(account->local, CATCH_ALL) == 0)
		return PASSWORD_WRONG;
	result = source->ask(source->program, user, user_length, password,
	    password_length);
	if (result != PASSWORD_RIGHT)
		return result;
	error = account_find(source->root, account);
	if (error == STORE_NOT_FOUND || error == STORE_NOT_HOSTED)
		error = account_create(source->root, account);
	return error == STORE_OK || error == STORE_EXISTS ? PASSWORD_RIGHT :
	    PASSWORD_FAILED;
}

enum password_result
login_check(const struct login_source *source,
    const char *user, size_t user_length,
    const char *password, size_t password_length, struct address *account)
{
	enum password_result found, result;
	char verifier[VERIFIER_SIZE];

	if (source->program != NULL)
		return ask_program(source, user, user_length, password,
		    password_length, account);
	found = result = find_verifier(source->root, user, user_length,
	    account, verifier);
	if (found == PASSWORD_RIGHT || found == PASSWORD_WRONG)
		result = password_check(verifier, password, password_length);
	wipe(verifier, sizeof verifier);
	return found == PASSWORD_WRONG ? found : result;
}

enum password_result
login_scram_begin(const struct login_source *source,
    struct login_scram *scram, const char *user, size_t user_length)
{
	struct mail_root *root = source->root;
	enum password_result result;
	char verifier[VERIFIER_SIZE];

	result = find_verifier(root, user, user_length, &scram->account,
	    verifier);
	if (result == PASSWORD_RIGHT) {
		result = scram_verifier_read(&scram->verifier, verifier);
		if (result == PASSWORD_WRONG && invent_verifier(root, user,
		    user_length, verifier) != STORE_OK)
			result = PASSWORD_FAILED;
	}
	scram->known = result == PASSWORD_RIGHT;
	if (result == PASSWORD_WRONG)
		result = scram_verifier_read(&scram->verifier, verifier);
	wipe(verifier, sizeof verifier);
	return result;
}

enum password_result
login_scram_end(struct login_scram *scram, const char *auth_message,
    size_t length, const unsigned char proof[SHA256_OCTETS],
    unsigned char signature[SHA256_OCTETS])
{
	bool right = scram_proof_check(&scram->verifier, auth_message, length,
	    proof, signature);

	wipe(&scram->verifier, sizeof scram->verifier);
	return right && scram->known ? PASSWORD_RIGHT : PASSWORD_WRONG;
}
