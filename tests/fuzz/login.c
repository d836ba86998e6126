/*
 * Fuzzes what is read in a login: base 64, both sides of each SASL mechanism,
 * the messages of SCRAM, stored verifiers.  The first octet of an input says
 * which; the rest is the text, in which an LF parts messages.
 */
#include "store/base64.h"

#include <stdint.h>
#include <string.h>

#include "stdio/sasl.h"
#include "stdio/sasl_client.h"
#include "stdio/sasl_server.h"
#include "stdio/scram.h"
#include "store/password.h"
#include "store/text.h"
#include "tests/fuzz/iterations.h"
#include "tests/fuzz/target.h"

static const char nonce[] = "0123456789abcdefghijklmn";

void
target_begin(void)
{
	iterations_most = 65536;        /* more than the least that is taken */
}

/* Each encoding has one text, and each text one encoding. */
static void
fuzz_base64(const char *text, size_t length)
{
	char *octets = malloc(length + 1), *encoded;
	char *in_place = exact_copy_of(text, length);
	size_t size, again;
	struct text out;
	bool is_base64;

	ORACLE(octets != NULL, "no memory");
	is_base64 = base64_decode(text, length, octets, length, &size);
	ORACLE(base64_decode(in_place, length, in_place, length, &again) ==
	    is_base64, "in its place it is something else");
	encoded = malloc(BASE64_LENGTH(length) + 1);
	ORACLE(encoded != NULL, "no memory");
	text_init(&out, encoded, BASE64_LENGTH(length) + 1);
	if (is_base64) {
		ORACLE(size <= length / 4 * 3 && same(octets, size, in_place,
		    again), "%zu octets", size);
		base64_encode(&out, octets, size);
		ORACLE(same(encoded, out.length, text, length),
		    "%.40s is %.40s now", text, encoded);
		ORACLE(size == 0 || !base64_decode(text, length, octets,
		    size - 1, &again), "it fits where there is no room");
	}
	text_init(&out, encoded, BASE64_LENGTH(length) + 1);
	base64_encode(&out, text, length);
	ORACLE(out.length == BASE64_LENGTH(length) && !out.cut &&
	    base64_decode(encoded, out.length, octets, length, &size) &&
	    same(octets, size, text, length), "%zu octets", length);
	free(encoded);
	free(in_place);
	free(octets);
}

/* Whether a piece is in a message. */
static bool
is_in(const struct scram_piece *piece, const char *message, size_t length)
{
	return piece->length == 0 || (piece->start >= message &&
	    piece->length <= length &&
	    piece->start + piece->length <= message + length);
}

/* What a piece decodes to is the same when it is encoded. */
static void
check_name(const struct scram_piece *piece)
{
	char name[SASL_NAME_OCTETS_MAX], encoded[3 * SASL_NAME_OCTETS_MAX + 1];
	char again[SASL_NAME_OCTETS_MAX];
	struct scram_piece anew = { encoded, 0 };
	size_t length, size;
	struct text out;

	if (!scram_name_decode(piece, name, &length))
		return;
	ORACLE(length <= piece->length, "%zu octets", length);
	text_init(&out, encoded, sizeof encoded);
	scram_name_encode(&out, name, length);
	anew.length = out.length;
	ORACLE(!out.cut && scram_name_decode(&anew, again, &size) &&
	    same(again, size, name, length), "another name");
}

static void
fuzz_scram(const char *text, size_t length)
{
	unsigned char signature[SHA256_OCTETS];
	struct scram_client_first first;
	struct scram_client_final final;
	struct scram_server_first challenge;

	if (scram_read_client_first(&first, text, length)) {
		ORACLE(is_in(&first.header, text, length) &&
		    is_in(&first.bare, text, length) &&
		    is_in(&first.nonce, text, length) &&
		    is_in(&first.user, text, length) &&
		    is_in(&first.authzid, text, length), "out of the text");
		ORACLE(first.nonce.length > 0 && memchr(first.nonce.start, ',',
		    first.nonce.length) == NULL, "a nonce");
		check_name(&first.user);
		check_name(&first.authzid);
	}
	if (scram_read_client_final(&final, text, length))
		ORACLE(is_in(&final.binding, text, length) &&
		    is_in(&final.nonce, text, length) &&
		    is_in(&final.without_proof, text, length) &&
		    final.without_proof.length < length, "out of the text");
	if (scram_read_server_first(&challenge, text, length))
		ORACLE(is_in(&challenge.nonce, text, length) &&
		    challenge.salt.iterations >= ITERATIONS_LEAST &&
		    challenge.salt.iterations <= ITERATIONS_MAX &&
		    challenge.salt.length <= SALT_OCTETS_MAX, "a salt");
	(void)scram_read_server_final(signature, text, length);
}

/* Answers what a step asks for, as if all of it were right. */
static enum sasl_step
satisfy(struct sasl_server *server, enum sasl_step step)
{
	static const struct scram_salt salt = { 4096, 4, "salt" };
	static const unsigned char signature[SHA256_OCTETS];

	ORACLE(server->user_length <= sizeof server->user &&
	    server->password_length <= sizeof server->password,
	    "%zu and %zu octets", server->user_length,
	    server->password_length);
	switch (step) {
	case SASL_FIND_SALT:
		return sasl_server_salt(server, &salt);
	case SASL_CHECK_PROOF:
		ORACLE(!server->auth_message.cut, "not all of it");
		return sasl_server_signature(server, signature);
	case SASL_CHALLENGE:
	case SASL_CHECK_PASSWORD:
	case SASL_ACCEPT:
	case SASL_REFUSE:
		break;
	}
	return step;
}

static enum sasl_mechanism
mechanism_of(char octet)
{
	return octet == 'P' ? SASL_PLAIN : octet == 'L' ? SASL_LOGIN :
	    SASL_SCRAM_SHA_256;
}

/* Cuts the next message off, in memory of its own. */
static char *
next_message(const char **at, const char *end, size_t *length)
{
	const char *lf = *at == end ? NULL :
	    memchr(*at, '\n', (size_t)(end - *at));
	char *message;

	*length = (size_t)((lf == NULL ? end : lf) - *at);
	message = exact_copy_of(*at, *length);
	*at = lf == NULL ? end : lf + 1;
	return message;
}

/* The server's side: it ends, whatever the client answers. */
static void
fuzz_server(const char *text, size_t length)
{
	const char *at = text + 1, *end = text + length;
	static struct sasl_server server;
	enum sasl_step step;
	unsigned steps = 0;

	step = sasl_server_begin(&server, mechanism_of(*text), nonce);
	ORACLE(step == SASL_CHALLENGE, "%d", step);
	while (step == SASL_CHALLENGE && at < end) {
		char *message = next_message(&at, end, &length);

		ORACLE(!server.challenge.cut, "not all of a challenge");
		step = satisfy(&server, sasl_server_take(&server, message,
		    length));
		step = satisfy(&server, step);
		free(message);
		ORACLE(++steps <= 3, "an exchange without an end");
	}
	sasl_server_end(&server);
}

/* The client's side: it believes nobody who has not proven himself. */
static void
fuzz_client(const char *text, size_t length)
{
	const char *at = text + 1, *end = text + length;
	static struct sasl_client client;
	bool goes_on = true;
	unsigned steps = 0;

	sasl_client_begin(&client, mechanism_of(*text), "bob@example.com",
	    "secret", nonce);
	while (goes_on && at < end) {
		char *message = next_message(&at, end, &length);

		goes_on = sasl_client_respond(&client, message, length);
		ORACLE(!goes_on || !client.response.cut, "not all of it");
		ORACLE(!sasl_client_may_succeed(&client) ||
		    client.mechanism != SASL_SCRAM_SHA_256,
		    "a server is believed that does not know the password");
		free(message);
		ORACLE(!goes_on || ++steps <= 4, "an exchange without an end");
	}
	sasl_client_end(&client);
}

/* What is stored is written as it was read. */
static void
fuzz_verifier(const char *text, size_t length)
{
	struct scram_verifier verifier, again;
	char written[VERIFIER_SIZE];

	if (!scram_verifier_parse(&verifier, text, length))
		return;
	scram_verifier_text(&verifier, written);
	ORACLE(scram_verifier_parse(&again, written, strlen(written)) &&
	    again.salt.iterations == verifier.salt.iterations &&
	    same(again.salt.octets, again.salt.length, verifier.salt.octets,
	    verifier.salt.length) && memcmp(again.stored_key,
	    verifier.stored_key, SHA256_OCTETS) == 0 &&
	    memcmp(again.server_key, verifier.server_key, SHA256_OCTETS) == 0,
	    "%s is another", written);
}

/* Of a server's list the best one is taken that is in it. */
static void
fuzz_choice(const char *list)
{
	enum sasl_mechanism best = sasl_choose(list, true);

	ORACLE(best == SASL_NONE || strlen(list) >=
	    strlen(sasl_mechanism_name(best)), "%s", list);
	ORACLE(!sasl_sends_password(sasl_choose(list, false)),
	    "a password in clear");
	ORACLE(sasl_mechanism_find(list) == SASL_NONE ||
	    sasl_mechanism_find(list) == best, "%s", list);
}

void
target_take(const char *input, size_t length)
{
	char *text;

	if (length < 2)
		return;
	text = copy_of(input + 1, --length);
	switch (*input) {
	case 'b':
		fuzz_base64(text, length);
		break;
	case 's':
		fuzz_scram(text, length);
		break;
	case 'S':
		fuzz_server(text, length);
		break;
	case 'C':
		fuzz_client(text, length);
		break;
	case 'v':
		fuzz_verifier(text, length);
		break;
	case 'c':
		fuzz_choice(text);
		break;
	}
	free(text);
}
