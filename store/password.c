/* Password verifiers; see password.h. */
#include "store/password.h"

#include <string.h>
#include <unistd.h>

#ifdef __GLIBC__
#include <crypt.h>
#endif

#include "store/base64.h"
#include "store/text.h"
#include "store/wipe.h"

static const char mechanism[] = "SCRAM-SHA-256";

bool
scram_keys_are_equal(const unsigned char a[SHA256_OCTETS],
    const unsigned char b[SHA256_OCTETS])
{
	unsigned char difference = 0;
	unsigned i;

	for (i = 0; i < SHA256_OCTETS; i++)
		difference |= a[i] ^ b[i];
	return difference == 0;
}

/* A piece of text, and a parser's place in it. */
struct scan {
	const char *at, *end;
};

/* Takes what comes before delimiter, and the delimiter. */
static bool
take_until(struct scan *scan, char delimiter, struct scan *piece)
{
	const char *place = memchr(scan->at, delimiter,
	    (size_t)(scan->end - scan->at));

	if (place == NULL)
		return false;
	piece->at = scan->at;
	piece->end = place;
	scan->at = place + 1;
	return true;
}

static void
trim_spaces(struct scan *piece)
{
	while (piece->at < piece->end && *piece->at == ' ')
		piece->at++;
	while (piece->at < piece->end && piece->end[-1] == ' ')
		piece->end--;
}

static size_t
length_of(const struct scan *piece)
{
	return (size_t)(piece->end - piece->at);
}

static bool
take_key(const struct scan *piece, unsigned char key[SHA256_OCTETS])
{
	size_t length;

	return base64_decode(piece->at, length_of(piece), key, SHA256_OCTETS,
	    &length) && length == SHA256_OCTETS;
}

/*
 * RFC 5803 section 1, over RFC 3112 section 2.1:
 *
 *   authPassword = w scheme s authInfo s authValue w
 *   s            = w "$" w          w = *SP
 *   authInfo     = iter-count ":" salt
 *   authValue    = stored-key ":" server-key
 */
bool
scram_verifier_parse(struct scram_verifier *verifier,
    const char *text, size_t length)
{
	struct scan all = { text, text + length };
	struct scan scheme, info, count, stored;
	uint64_t iterations;

	if (!take_until(&all, '$', &scheme) || !take_until(&all, '$', &info))
		return false;
	trim_spaces(&scheme);
	trim_spaces(&info);
	trim_spaces(&all);
	if (length_of(&scheme) != sizeof mechanism - 1 ||
	    memcmp(scheme.at, mechanism, sizeof mechanism - 1) != 0 ||
	    !take_until(&info, ':', &count) || !take_until(&all, ':', &stored))
		return false;
	if (!text_to_number(count.at, length_of(&count), &iterations) ||
	    *count.at == '0' || iterations > ITERATIONS_MAX)
		return false;
	verifier->salt.iterations = (uint32_t)iterations;
	return base64_decode(info.at, length_of(&info), verifier->salt.octets,
	    sizeof verifier->salt.octets, &verifier->salt.length) &&
	    verifier->salt.length > 0 &&
	    take_key(&stored, verifier->stored_key) &&
	    take_key(&all, verifier->server_key);
}

/* What SCRAM derives from a password (RFC 5802 section 3). */
struct scram_keys {
	unsigned char client[SHA256_OCTETS];
	unsigned char stored[SHA256_OCTETS];
	unsigned char server[SHA256_OCTETS];
};

static void
derive_keys(struct scram_keys *keys, const struct scram_salt *salt,
    const char *password, size_t length)
{
	unsigned char salted[SHA256_OCTETS];

	pbkdf2_sha256(password, length, salt->octets, salt->length,
	    salt->iterations, salted);
	hmac_sha256(salted, sizeof salted, "Client Key", 10, keys->client);
	sha256_of(keys->client, sizeof keys->client, keys->stored);
	hmac_sha256(salted, sizeof salted, "Server Key", 10, keys->server);
	wipe(salted, sizeof salted);
}

void
scram_verifier_make(struct scram_verifier *verifier,
    const char *password, size_t length)
{
	struct scram_keys keys;

	derive_keys(&keys, &verifier->salt, password, length);
	memcpy(verifier->stored_key, keys.stored, SHA256_OCTETS);
	memcpy(verifier->server_key, keys.server, SHA256_OCTETS);
	wipe(&keys, sizeof keys);
}

/* ClientProof = ClientKey XOR ClientSignature, and the same back again. */
static void
exclusive_or(unsigned char out[SHA256_OCTETS],
    const unsigned char a[SHA256_OCTETS], const unsigned char b[SHA256_OCTETS])
{
	unsigned i;

	for (i = 0; i < SHA256_OCTETS; i++)
		out[i] = a[i] ^ b[i];
}

bool
scram_proof_check(const struct scram_verifier *verifier,
    const char *auth_message, size_t length,
    const unsigned char proof[SHA256_OCTETS],
    unsigned char signature[SHA256_OCTETS])
{
	unsigned char key[SHA256_OCTETS], stored[SHA256_OCTETS];
	bool right;

	hmac_sha256(verifier->stored_key, SHA256_OCTETS, auth_message, length,
	    key);
	exclusive_or(key, key, proof);
	sha256_of(key, sizeof key, stored);
	right = scram_keys_are_equal(stored, verifier->stored_key);
	hmac_sha256(verifier->server_key, SHA256_OCTETS, auth_message, length,
	    signature);
	wipe(key, sizeof key);
	wipe(stored, sizeof stored);
	return right;
}

void
scram_proof_make(const struct scram_salt *salt,
    const char *password, size_t password_length,
    const char *auth_message, size_t length,
    unsigned char proof[SHA256_OCTETS], unsigned char signature[SHA256_OCTETS])
{
	struct scram_keys keys;

	derive_keys(&keys, salt, password, password_length);
	hmac_sha256(keys.stored, SHA256_OCTETS, auth_message, length, proof);
	exclusive_or(proof, proof, keys.client);
	hmac_sha256(keys.server, SHA256_OCTETS, auth_message, length,
	    signature);
	wipe(&keys, sizeof keys);
}

void
scram_verifier_text(const struct scram_verifier *verifier,
    char text[VERIFIER_SIZE])
{
	struct text out;

	text_init(&out, text, VERIFIER_SIZE);
	text_add(&out, mechanism);
	text_add_octet(&out, '$');
	text_add_number(&out, verifier->salt.iterations);
	text_add_octet(&out, ':');
	base64_encode(&out, verifier->salt.octets, verifier->salt.length);
	text_add_octet(&out, '$');
	base64_encode(&out, verifier->stored_key, SHA256_OCTETS);
	text_add_octet(&out, ':');
	base64_encode(&out, verifier->server_key, SHA256_OCTETS);
}

static enum password_result
check_scram(const struct scram_verifier *verifier,
    const char *password, size_t length)
{
	struct scram_verifier shown = *verifier;
	bool right;

	scram_verifier_make(&shown, password, length);
	right = scram_keys_are_equal(shown.stored_key, verifier->stored_key);
	wipe(&shown, sizeof shown);
	return right ? PASSWORD_RIGHT : PASSWORD_WRONG;
}

/*
 * $METHOD$..., or the thirteen characters of the first crypt(3).  crypt()
 * itself takes any two letters for a salt, so garbage has to be kept from it.
 */
static bool
looks_like_crypt(const char *verifier, size_t length)
{
	static const char letters[] = "./0123456789"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

	return verifier[0] == '$' ||
	    (length == 13 && strspn(verifier, letters) == length);
}

/*
 * crypt(3) wants strings; a password with a NUL in it is nobody's.  Some libc
 * has none: what it would check is of no use there.
 */
static enum password_result
check_crypt(const char *verifier, const char *password, size_t length)
{
#ifdef WITHOUT_CRYPT
	(void)verifier;
	(void)password;
	(void)length;
	return PASSWORD_MALFORMED;
#else
	char string[PASSWORD_OCTETS_MAX + 1];
	const char *hash;

	if (length > PASSWORD_OCTETS_MAX || memchr(password, '\0', length))
		return PASSWORD_WRONG;
	memcpy(string, password, length);
	string[length] = '\0';
	hash = crypt(string, verifier);
	wipe(string, sizeof string);
	if (hash == NULL || hash[0] == '*')
		return PASSWORD_MALFORMED;      /* no method that libc knows */
	return strcmp(hash, verifier) == 0 ? PASSWORD_RIGHT : PASSWORD_WRONG;
#endif
}

/* A verifier without the white space at its end; false where none is left. */
static bool
trim(const char *verifier, char trimmed[VERIFIER_SIZE], size_t *length)
{
	size_t end = strlen(verifier);

	while (end > 0 && strchr(" \t\r\n", verifier[end - 1]) != NULL)
		end--;
	if (end == 0 || end >= VERIFIER_SIZE)
		return false;
	memcpy(trimmed, verifier, end);
	trimmed[end] = '\0';
	*length = end;
	return true;
}

enum password_result
password_check(const char *verifier, const char *password, size_t length)
{
	enum password_result result = PASSWORD_MALFORMED;
	struct scram_verifier scram;
	char trimmed[VERIFIER_SIZE];
	size_t end;

	if (!trim(verifier, trimmed, &end))
		return result;
	if (scram_verifier_parse(&scram, trimmed, end))
		result = check_scram(&scram, password, length);
	else if (looks_like_crypt(trimmed, end))
		result = check_crypt(trimmed, password, length);
	wipe(&scram, sizeof scram);
	wipe(trimmed, sizeof trimmed);
	return result;
}

enum password_result
scram_verifier_read(struct scram_verifier *scram, const char *verifier)
{
	enum password_result result = PASSWORD_MALFORMED;
	char trimmed[VERIFIER_SIZE];
	size_t end;

	if (!trim(verifier, trimmed, &end))
		return result;
	if (scram_verifier_parse(scram, trimmed, end))
		result = PASSWORD_RIGHT;
	else if (looks_like_crypt(trimmed, end))
		result = PASSWORD_WRONG;
	wipe(trimmed, sizeof trimmed);
	return result;
}
