/* The secret of a mail root; see secret.h. */
#include "store/secret.h"

#include <errno.h>

#include "store/durable.h"
#include "store/random.h"
#include "store/replace.h"
#include "store/wipe.h"

static enum store_error
read_octets(int file, unsigned char secret[SECRET_OCTETS])
{
	size_t length = 0;

	while (length < SECRET_OCTETS) {
		ssize_t got = durable_read(file, secret + length,
		    SECRET_OCTETS - length);

		if (got == -1)
			return store_error_from(errno);
		if (got == 0)
			return STORE_MALFORMED;
		length += (size_t)got;
	}
	return STORE_OK;
}

static enum store_error
read_secret(int passwords, unsigned char secret[SECRET_OCTETS])
{
	int file = durable_open_file(passwords, SECRET_NAME);
	enum store_error error;

	if (file == -1)
		return store_error_from(errno);
	error = read_octets(file, secret);
	durable_close(file);
	return error;
}

/* Creates it; another process may have been first. */
static enum store_error
create_secret(int passwords)
{
	unsigned char secret[SECRET_OCTETS];
	enum store_error error;

	if (random_octets(secret, SECRET_OCTETS) == -1)
		return STORE_FAILED;
	error = create_file(passwords, SECRET_NAME, secret, SECRET_OCTETS);
	wipe(secret, SECRET_OCTETS);
	return error == STORE_EXISTS ? STORE_OK : error;
}

enum store_error
secret_read(struct mail_root *root, unsigned char secret[SECRET_OCTETS])
{
	enum store_error error;
	int passwords;

	error = root_part(root, ROOT_PASSWORDS, &passwords);
	if (error == STORE_OK)
		error = read_secret(passwords, secret);
	if (error != STORE_NOT_FOUND)
		return error;
	error = create_secret(passwords);
	return error == STORE_OK ? read_secret(passwords, secret) : error;
}

enum store_error
secret_ensure(struct mail_root *root)
{
	enum store_error error;
	struct stat status;
	int passwords;

	error = root_part(root, ROOT_PASSWORDS, &passwords);
	if (error != STORE_OK || durable_status(passwords, SECRET_NAME, &status) == 0)
		return error;
	return errno == ENOENT ? create_secret(passwords) :
	    store_error_from(errno);
}
