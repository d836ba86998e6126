/* Logins; see login.h. */
#include "store/login.h"

#include <errno.h>
#include <string.h>

#include "store/account.h"
#include "store/durable.h"
#include "store/password.h"
#include "store/random.h"
#include "store/replace.h"
#include "store/wipe.h"

enum store_error
login_set_password(struct mail_root *root, const struct address *address,
    const char *password, size_t length, uint32_t iterations)
{
	struct scram_verifier verifier;
	char text[VERIFIER_SIZE];
	enum store_error error;
	int passwords, domain;
	size_t end;

	verifier.iterations = iterations;
	verifier.salt_length = SALT_OCTETS;
	if (random_octets(verifier.salt, SALT_OCTETS) == -1)
		return STORE_FAILED;
	scram_verifier_make(&verifier, password, length);
	scram_verifier_text(&verifier, text);
	end = strlen(text);
	text[end++] = '\n';

	error = root_part(root, ROOT_PASSWORDS, &passwords);
	if (error == STORE_OK)
		error = root_directory(passwords, address->domain, &domain);
	if (error == STORE_OK) {
		error = replace_file(domain, address->local, text, end);
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

static enum login_result
check_verifier(const char *verifier, const char *password, size_t length)
{
	switch (password_check(verifier, password, length)) {
	case PASSWORD_RIGHT:
		return LOGIN_OK;
	case PASSWORD_WRONG:
		return LOGIN_REFUSED;
	case PASSWORD_MALFORMED:
		break;
	}
	return LOGIN_MALFORMED;
}

enum login_result
login_check(struct mail_root *root, const char *user, size_t user_length,
    const char *password, size_t password_length, struct address *account)
{
	enum store_error error = STORE_NOT_FOUND;
	enum login_result result = LOGIN_FAILED;
	char verifier[VERIFIER_SIZE];

	if (address_parse(account, user, user_length))
		error = read_verifier(root, account, verifier);
	switch (error) {
	case STORE_OK:
		result = check_verifier(verifier, password, password_length);
		break;
	case STORE_NOT_FOUND:
	case STORE_NOT_HOSTED:
		(void)password_check_nobody(password, password_length);
		result = LOGIN_REFUSED;
		break;
	case STORE_MALFORMED:
		result = LOGIN_MALFORMED;
		break;
	case STORE_EXISTS:
	case STORE_BUSY:
	case STORE_FULL:
	case STORE_FAILED:
		break;
	}
	wipe(verifier, sizeof verifier);
	return result;
}
