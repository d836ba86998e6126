/* The messages of SCRAM; see scram.h. */
#include "stdio/scram.h"

#include <string.h>

#include "store/base64.h"
#include "store/utf8.h"

/* What is left of a message. */
struct scan {
	const char *at, *end;
};

static bool
begin(struct scan *scan, const char *message, size_t length)
{
	scan->at = message;
	scan->end = message + length;
	return length <= SCRAM_MESSAGE_OCTETS_MAX &&
	    memchr(message, '\0', length) == NULL &&
	    utf8_is_valid(message, length);
}

/* Takes what stands before the next comma, or before the end. */
static struct scram_piece
take(struct scan *scan)
{
	size_t left = (size_t)(scan->end - scan->at);
	const char *comma = memchr(scan->at, ',', left);
	struct scram_piece piece;

	piece.start = scan->at;
	piece.length = comma == NULL ? left : (size_t)(comma - scan->at);
	scan->at = comma == NULL ? scan->end : comma + 1;
	return piece;
}

/* attr-val = ALPHA "=" value; value = 1*value-char, which are not "," or NUL */
static bool
take_attribute(struct scan *scan, char name, struct scram_piece *value)
{
	struct scram_piece piece;

	if (scan->end - scan->at < 3 || scan->at[0] != name ||
	    scan->at[1] != '=')
		return false;
	piece = take(scan);
	value->start = piece.start + 2;
	value->length = piece.length - 2;
	return piece.length > 2;
}

/*
 * extensions = attr-val *("," attr-val): attributes that are not known, which
 * are passed over.  Stops before the attribute called last, or at the end.
 */
static bool
skip_extensions(struct scan *scan, char last)
{
	struct scram_piece ignored;

	while (scan->at < scan->end && scan->at[0] != last) {
		char name = text_fold(scan->at[0]);

		/* "m" is an extension that must be understood. */
		if (name < 'a' || name > 'z' || scan->at[0] == 'm' ||
		    !take_attribute(scan, scan->at[0], &ignored))
			return false;
	}
	return scan->end[-1] != ',';
}

/* nonce = "r=" 1*printable, where printable is %x21-2B / %x2D-7E */
static bool
take_nonce(struct scan *scan, struct scram_piece *nonce)
{
	size_t i;

	if (!take_attribute(scan, 'r', nonce))
		return false;
	for (i = 0; i < nonce->length; i++)
		if (nonce->start[i] < 0x21 || nonce->start[i] > 0x7e)
			return false;
	return true;
}

/*
 * client-first-message      = gs2-header client-first-message-bare
 * gs2-header                = gs2-cbind-flag "," [ "a=" saslname ] ","
 * gs2-cbind-flag            = ("p=" cb-name) / "n" / "y"
 * client-first-message-bare = [reserved-mext ","] "n=" saslname "," nonce
 *                             ["," extensions]
 *
 * "p" asks for a channel binding, which is not offered here; reserved-mext
 * is never understood (section 5.1).
 */
bool
scram_read_client_first(struct scram_client_first *first,
    const char *message, size_t length)
{
	struct scram_client_first found;
	struct scram_piece flag;
	struct scan scan;

	if (!begin(&scan, message, length))
		return false;
	flag = take(&scan);
	if (flag.length != 1 ||
	    (flag.start[0] != 'n' && flag.start[0] != 'y'))
		return false;
	found.authzid.start = NULL;
	found.authzid.length = 0;
	if (scan.at < scan.end && *scan.at == ',')
		scan.at++;
	else if (!take_attribute(&scan, 'a', &found.authzid))
		return false;
	found.header.start = message;
	found.header.length = (size_t)(scan.at - message);
	found.bare.start = scan.at;
	found.bare.length = (size_t)(scan.end - scan.at);
	if (!take_attribute(&scan, 'n', &found.user) ||
	    !take_nonce(&scan, &found.nonce) ||
	    !skip_extensions(&scan, '\0'))
		return false;
	*first = found;
	return true;
}

static bool
decode_key(const struct scram_piece *piece, unsigned char key[SHA256_OCTETS])
{
	size_t length;

	return base64_decode(piece->start, piece->length, key, SHA256_OCTETS,
	    &length) && length == SHA256_OCTETS;
}

/*
 * client-final-message = "c=" base64 "," nonce ["," extensions] "," "p=" base64
 */
bool
scram_read_client_final(struct scram_client_final *final,
    const char *message, size_t length)
{
	struct scram_client_final found;
	struct scram_piece proof;
	struct scan scan;

	if (!begin(&scan, message, length) ||
	    !take_attribute(&scan, 'c', &found.binding) ||
	    !take_nonce(&scan, &found.nonce) || !skip_extensions(&scan, 'p'))
		return false;
	found.without_proof.start = message;
	found.without_proof.length = (size_t)(scan.at - message) - 1;
	if (!take_attribute(&scan, 'p', &proof) || scan.at != scan.end ||
	    scan.end[-1] == ',' || !decode_key(&proof, found.proof))
		return false;
	*final = found;
	return true;
}

/*
 * server-first-message = [reserved-mext ","] nonce "," "s=" base64 ","
 *                        "i=" posit-number ["," extensions]
 */
bool
scram_read_server_first(struct scram_server_first *first,
    const char *message, size_t length)
{
	struct scram_server_first found = { .salt.length = 0 };
	struct scram_piece salt, count;
	uint64_t iterations;
	struct scan scan;

	if (!begin(&scan, message, length) ||
	    !take_nonce(&scan, &found.nonce) ||
	    !take_attribute(&scan, 's', &salt) ||
	    !take_attribute(&scan, 'i', &count) ||
	    !skip_extensions(&scan, '\0') ||
	    !base64_decode(salt.start, salt.length, found.salt.octets,
	    sizeof found.salt.octets, &found.salt.length) ||
	    !text_to_number(count.start, count.length, &iterations) ||
	    *count.start == '0' || iterations < ITERATIONS_LEAST ||
	    iterations > ITERATIONS_MAX)
		return false;
	found.salt.iterations = (uint32_t)iterations;
	*first = found;
	return true;
}

/* server-final-message = ("e=" value / "v=" base64) ["," extensions] */
bool
scram_read_server_final(unsigned char signature[SHA256_OCTETS],
    const char *message, size_t length)
{
	unsigned char found[SHA256_OCTETS];
	struct scram_piece verifier;
	struct scan scan;

	if (!begin(&scan, message, length) ||
	    !take_attribute(&scan, 'v', &verifier) ||
	    !skip_extensions(&scan, '\0') || !decode_key(&verifier, found))
		return false;
	memcpy(signature, found, SHA256_OCTETS);
	return true;
}

/* saslname = 1*(value-safe-char / "=2C" / "=3D"), safe: not "," "=" or NUL */
bool
scram_name_decode(const struct scram_piece *piece,
    char name[SASL_NAME_OCTETS_MAX], size_t *length)
{
	size_t i, used = 0;

	for (i = 0; i < piece->length; i++) {
		char octet = piece->start[i];

		if (octet == '=') {
			if (piece->length - i < 3)
				return false;
			if (memcmp(piece->start + i, "=2C", 3) == 0)
				octet = ',';
			else if (memcmp(piece->start + i, "=3D", 3) != 0)
				return false;
			i += 2;
		}
		if (used == SASL_NAME_OCTETS_MAX)
			return false;
		name[used++] = octet;
	}
	*length = used;
	return true;
}

void
scram_name_encode(struct text *text, const char *name, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		if (name[i] == ',')
			text_add(text, "=2C");
		else if (name[i] == '=')
			text_add(text, "=3D");
		else
			text_add_octet(text, name[i]);
}
