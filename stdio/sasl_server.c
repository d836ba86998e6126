/* The server's side of each mechanism; see sasl_server.h. */
#include "stdio/sasl_server.h"

#include <stdbool.h>
#include <string.h>

#include "store/base64.h"
#include "store/utf8.h"
#include "store/wipe.h"

enum sasl_step
sasl_server_begin(struct sasl_server *server, enum sasl_mechanism mechanism,
    const char *nonce)
{
	server->mechanism = mechanism;
	server->nonce = nonce;
	server->responses = 0;
	server->user_length = server->password_length = 0;
	text_init(&server->challenge, server->challenge_buffer,
	    sizeof server->challenge_buffer);
	text_init(&server->auth_message, server->auth_buffer,
	    sizeof server->auth_buffer);
	text_init(&server->header, server->header_buffer,
	    sizeof server->header_buffer);
	if (mechanism == SASL_LOGIN)
		text_add(&server->challenge, "Username:");
	return SASL_CHALLENGE;
}

static bool
keep_user(struct sasl_server *server, const char *user, size_t length)
{
	if (length == 0 || length > sizeof server->user)
		return false;
	memcpy(server->user, user, length);
	server->user_length = length;
	return memchr(user, '\0', length) == NULL &&
	    utf8_is_valid(user, length);
}

/*
 * A NUL is in no password: RFC 4616 has it for a separator, and to HMAC it
 * would be one with the padding behind a shorter password.
 */
static bool
keep_password(struct sasl_server *server, const char *password, size_t length)
{
	if (length == 0 || length > sizeof server->password ||
	    memchr(password, '\0', length) != NULL)
		return false;
	memcpy(server->password, password, length);
	server->password_length = length;
	return true;
}

/* Nobody acts for another: an authorization identity is the user or absent. */
static bool
may_act_as(const struct sasl_server *server, const char *authzid, size_t length)
{
	return length == 0 || text_equal_folded(authzid, length, server->user,
	    server->user_length);
}

/* message = [authzid] UTF8NUL authcid UTF8NUL passwd, RFC 4616 section 2 */
static enum sasl_step
take_plain(struct sasl_server *server, const char *message, size_t length)
{
	const char *end = message + length, *first, *second;

	first = memchr(message, '\0', length);
	if (first == NULL)
		return SASL_REFUSE;
	second = memchr(first + 1, '\0', (size_t)(end - first - 1));
	if (second == NULL)
		return SASL_REFUSE;
	if (!keep_user(server, first + 1, (size_t)(second - first - 1)) ||
	    !may_act_as(server, message, (size_t)(first - message)) ||
	    !utf8_is_valid(second + 1, (size_t)(end - second - 1)) ||
	    !keep_password(server, second + 1, (size_t)(end - second - 1)))
		return SASL_REFUSE;
	return SASL_CHECK_PASSWORD;
}

static enum sasl_step
take_login(struct sasl_server *server, const char *message, size_t length)
{
	if (server->responses == 1) {
		if (!keep_user(server, message, length))
			return SASL_REFUSE;
		text_init(&server->challenge, server->challenge_buffer,
		    sizeof server->challenge_buffer);
		text_add(&server->challenge, "Password:");
		return SASL_CHALLENGE;
	}
	return keep_password(server, message, length) ? SASL_CHECK_PASSWORD :
	    SASL_REFUSE;
}

static enum sasl_step
take_client_first(struct sasl_server *server, const char *message,
    size_t length)
{
	char name[SASL_NAME_OCTETS_MAX];
	struct scram_client_first first;
	size_t name_length;

	if (!scram_read_client_first(&first, message, length) ||
	    !scram_name_decode(&first.user, name, &name_length) ||
	    !keep_user(server, name, name_length) ||
	    !scram_name_decode(&first.authzid, name, &name_length) ||
	    !may_act_as(server, name, name_length))
		return SASL_REFUSE;
	base64_encode(&server->header, first.header.start,
	    first.header.length);
	text_add_octets(&server->auth_message, first.bare.start,
	    first.bare.length);

	/* server-first-message begins with both nonces, the client's first */
	text_init(&server->challenge, server->challenge_buffer,
	    sizeof server->challenge_buffer);
	text_add(&server->challenge, "r=");
	text_add_octets(&server->challenge, first.nonce.start,
	    first.nonce.length);
	text_add(&server->challenge, server->nonce);
	server->client_nonce_length = first.nonce.length;
	return SASL_FIND_SALT;
}

enum sasl_step
sasl_server_salt(struct sasl_server *server, const struct scram_salt *salt)
{
	text_add(&server->challenge, ",s=");
	base64_encode(&server->challenge, salt->octets, salt->length);
	text_add(&server->challenge, ",i=");
	text_add_number(&server->challenge, salt->iterations);
	text_add_octet(&server->auth_message, ',');
	text_add_octets(&server->auth_message, server->challenge.start,
	    server->challenge.length);
	return SASL_CHALLENGE;
}

static bool
is_piece(const struct scram_piece *piece, const char *octets, size_t length)
{
	return piece->length == length &&
	    memcmp(piece->start, octets, length) == 0;
}

static enum sasl_step
take_client_final(struct sasl_server *server, const char *message,
    size_t length)
{
	const char *nonce = server->challenge.start + 2;        /* behind r= */
	struct scram_client_final final;

	if (!scram_read_client_final(&final, message, length) ||
	    !is_piece(&final.nonce, nonce,
	    server->client_nonce_length + strlen(server->nonce)) ||
	    !is_piece(&final.binding, server->header.start,
	    server->header.length))
		return SASL_REFUSE;
	text_add_octet(&server->auth_message, ',');
	text_add_octets(&server->auth_message, final.without_proof.start,
	    final.without_proof.length);
	if (server->auth_message.cut)
		return SASL_REFUSE;
	memcpy(server->proof, final.proof, sizeof server->proof);
	return SASL_CHECK_PROOF;
}

enum sasl_step
sasl_server_signature(struct sasl_server *server,
    const unsigned char signature[SHA256_OCTETS])
{
	text_init(&server->challenge, server->challenge_buffer,
	    sizeof server->challenge_buffer);
	text_add(&server->challenge, "v=");
	base64_encode(&server->challenge, signature, SHA256_OCTETS);
	return SASL_CHALLENGE;
}

static enum sasl_step
take_scram(struct sasl_server *server, const char *message, size_t length)
{
	switch (server->responses) {
	case 1:
		return take_client_first(server, message, length);
	case 2:
		return take_client_final(server, message, length);
	default:
		return length == 0 ? SASL_ACCEPT : SASL_REFUSE;
	}
}

enum sasl_step
sasl_server_take(struct sasl_server *server, const char *response,
    size_t length)
{
	server->responses++;
	switch (server->mechanism) {
	case SASL_SCRAM_SHA_256:
		return take_scram(server, response, length);
	case SASL_PLAIN:
		return take_plain(server, response, length);
	case SASL_LOGIN:
		return take_login(server, response, length);
	case SASL_NONE:
		break;
	}
	return SASL_REFUSE;
}

void
sasl_server_end(struct sasl_server *server)
{
	wipe(server, sizeof *server);
}
