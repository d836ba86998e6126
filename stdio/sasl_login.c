/* A client logs in; see sasl_login.h. */
#include "stdio/sasl_login.h"

#include <string.h>
#include <sysexits.h>

#include "stdio/sasl_client.h"
#include "store/base64.h"
#include "store/text.h"
#include "store/wipe.h"

/* One exchange as it goes on. */
struct exchange {
	const struct sasl_login *login;
	struct sasl_client client;
	struct failure *failure;
	char line[BASE64_LENGTH(SCRAM_MESSAGE_OCTETS_MAX) + 64];
};

static enum sasl_answer
send_line(struct exchange *exchange, size_t length, const char **challenge)
{
	return exchange->login->send(exchange->login->context, exchange->line,
	    length, true, challenge, exchange->failure);
}

/* "AUTH" and the mechanism, with the first response where it may and fits. */
static enum sasl_answer
send_command(struct exchange *exchange, const char **challenge)
{
	const struct sasl_login *login = exchange->login;
	struct sasl_client *client = &exchange->client;
	struct text line;
	size_t bare;

	text_init(&line, exchange->line, sizeof exchange->line);
	text_add(&line, "AUTH ");
	text_add(&line, sasl_mechanism_name(client->mechanism));
	bare = line.length;
	if (login->takes_initial && sasl_client_is_first(client) &&
	    sasl_client_respond(client, "", 0)) {
		text_add(&line, " ");
		base64_encode(&line, client->response.start,
		    client->response.length);
		if (line.length > login->command_octets_max) {
			line.length = bare;     /* then it is asked for */
			sasl_client_begin(client, client->mechanism,
			    client->user, client->password, client->nonce);
		}
	}
	return login->send(login->context, exchange->line, line.length,
	    line.length > bare, challenge, exchange->failure);
}

/* A lone "*" takes an exchange back; whatever is answered, it has failed. */
static bool
cancel(struct exchange *exchange, const char *why)
{
	struct failure ignored;
	const char *challenge;

	(void)exchange->login->send(exchange->login->context, "*", 1, false,
	    &challenge, &ignored);
	return failure_set(exchange->failure, EX_UNAVAILABLE,
	    "%s login: %s", sasl_mechanism_name(exchange->client.mechanism),
	    why);
}

static bool
run(struct exchange *exchange)
{
	struct sasl_client *client = &exchange->client;
	char octets[SCRAM_MESSAGE_OCTETS_MAX];
	const char *challenge = "";
	enum sasl_answer answer = send_command(exchange, &challenge);

	while (answer == SASL_CHALLENGE) {
		struct text line;
		size_t length;

		if (!base64_decode(challenge, strlen(challenge), octets,
		    sizeof octets, &length))
			return cancel(exchange,
			    "the server sends something that is no base 64");
		if (!sasl_client_respond(client, octets, length))
			return cancel(exchange, "the server cannot prove that "
			    "it knows this user and password, or does not "
			    "keep to the mechanism");
		text_init(&line, exchange->line, sizeof exchange->line);
		base64_encode(&line, client->response.start,
		    client->response.length);
		answer = send_line(exchange, line.length, &challenge);
	}
	if (answer == SASL_SUCCESS && !sasl_client_may_succeed(client))
		return failure_set(exchange->failure, EX_UNAVAILABLE,
		    "the server says that the login is done, and has not "
		    "proven that it knows the password");
	return answer == SASL_SUCCESS;
}

bool
sasl_login(const struct sasl_login *login, enum sasl_mechanism mechanism,
    const char *user, const char *password, struct failure *failure)
{
	struct exchange exchange = { .login = login, .failure = failure };
	char nonce[SASL_NONCE_SIZE];
	bool done;

	if (!sasl_nonce(nonce))
		return failure_set(failure, EX_OSERR,
		    "the kernel gives no random octets");
	sasl_client_begin(&exchange.client, mechanism, user, password, nonce);
	done = run(&exchange);
	sasl_client_end(&exchange.client);
	wipe(exchange.line, sizeof exchange.line);
	return done;
}
