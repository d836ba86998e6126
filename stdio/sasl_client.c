/* The client's side of each mechanism; see sasl_client.h. */
#include "stdio/sasl_client.h"

#include <string.h>

#include "store/base64.h"
#include "store/wipe.h"

/* "n": the client has no channel binding; no authorization identity. */
static const char header[] = "n,,";

void
sasl_client_begin(struct sasl_client *client, enum sasl_mechanism mechanism,
    const char *user, const char *password, const char *nonce)
{
	client->mechanism = mechanism;
	client->user = user;
	client->password = password;
	client->nonce = nonce;
	client->responses = 0;
	client->server_is_proven = false;
	text_init(&client->auth_message, client->auth_buffer,
	    sizeof client->auth_buffer);
}

bool
sasl_client_is_first(const struct sasl_client *client)
{
	return client->mechanism != SASL_LOGIN;
}

static bool
respond_plain(struct sasl_client *client, size_t length)
{
	if (client->responses > 1 || length > 0)
		return false;
	text_add_octet(&client->response, '\0');
	text_add(&client->response, client->user);
	text_add_octet(&client->response, '\0');
	text_add(&client->response, client->password);
	return true;
}

/* Servers word the two questions as they like: only their order counts. */
static bool
respond_login(struct sasl_client *client)
{
	if (client->responses > 2)
		return false;
	text_add(&client->response,
	    client->responses == 1 ? client->user : client->password);
	return true;
}

static bool
send_client_first(struct sasl_client *client, size_t length)
{
	if (length > 0)
		return false;
	text_add(&client->auth_message, "n=");
	scram_name_encode(&client->auth_message, client->user,
	    strlen(client->user));
	text_add(&client->auth_message, ",r=");
	text_add(&client->auth_message, client->nonce);
	text_add(&client->response, header);
	text_add_octets(&client->response, client->auth_message.start,
	    client->auth_message.length);
	return true;
}

static bool
send_client_final(struct sasl_client *client, const char *message,
    size_t length)
{
	size_t ours = strlen(client->nonce);
	unsigned char proof[SHA256_OCTETS];
	struct scram_server_first first;

	if (!scram_read_server_first(&first, message, length) ||
	    first.nonce.length <= ours ||
	    memcmp(first.nonce.start, client->nonce, ours) != 0)
		return false;
	text_add(&client->response, "c=");
	base64_encode(&client->response, header, sizeof header - 1);
	text_add(&client->response, ",r=");
	text_add_octets(&client->response, first.nonce.start,
	    first.nonce.length);
	text_add_octet(&client->auth_message, ',');
	text_add_octets(&client->auth_message, message, length);
	text_add_octet(&client->auth_message, ',');
	text_add_octets(&client->auth_message, client->response.start,
	    client->response.length);
	scram_proof_make(&first.salt, client->password,
	    strlen(client->password), client->auth_message.start,
	    client->auth_message.length, proof, client->signature);
	text_add(&client->response, ",p=");
	base64_encode(&client->response, proof, sizeof proof);
	return !client->auth_message.cut;
}

static bool
check_server_final(struct sasl_client *client, const char *message,
    size_t length)
{
	unsigned char signature[SHA256_OCTETS];

	if (client->responses > 3 ||
	    !scram_read_server_final(signature, message, length))
		return false;
	client->server_is_proven = scram_keys_are_equal(signature,
	    client->signature);
	return client->server_is_proven;
}

static bool
respond_scram(struct sasl_client *client, const char *message, size_t length)
{
	switch (client->responses) {
	case 1:
		return send_client_first(client, length);
	case 2:
		return send_client_final(client, message, length);
	default:
		return check_server_final(client, message, length);
	}
}

bool
sasl_client_respond(struct sasl_client *client, const char *challenge,
    size_t length)
{
	bool good = false;

	client->responses++;
	text_init(&client->response, client->response_buffer,
	    sizeof client->response_buffer);
	switch (client->mechanism) {
	case SASL_SCRAM_SHA_256:
		good = respond_scram(client, challenge, length);
		break;
	case SASL_PLAIN:
		good = respond_plain(client, length);
		break;
	case SASL_LOGIN:
		good = respond_login(client);
		break;
	case SASL_NONE:
		break;
	}
	return good && !client->response.cut;
}

bool
sasl_client_may_succeed(const struct sasl_client *client)
{
	return client->mechanism != SASL_SCRAM_SHA_256 ||
	    client->server_is_proven;
}

void
sasl_client_end(struct sasl_client *client)
{
	wipe(client, sizeof *client);
}
