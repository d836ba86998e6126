/* A client's session; see smtp_client.h. */
#include "smtp-stdio/smtp_client.h"

#include <string.h>
#include <sysexits.h>

#include "stdio/sasl_login.h"
#include "store/text.h"
#include "store/wipe.h"

/* RFC 4954 section 4: a command line of AUTH. */
#define AUTH_OCTETS_MAX 12286

bool
smtp_client_answer(struct smtp_client *client, unsigned seconds,
    const char *to, struct answer *answer, struct failure *failure)
{
	if (!answer_read(answer, client->connection, seconds, to, NULL, NULL,
	    failure)) {
		client->is_over = true;
		return false;
	}
	if (answer->code == 421)
		client->is_over = true;
	return true;
}

bool
smtp_client_command(struct smtp_client *client, const char *command,
    struct answer *answer, struct failure *failure)
{
	connection_put(client->connection, command, strlen(command));
	return smtp_client_answer(client, client->connection->seconds,
	    command, answer, failure);
}

/* The parameter behind a keyword, or NULL where the line has another one. */
static const char *
parameter_of(const char *line, const char *keyword)
{
	size_t length = strcspn(line, " =");

	if (!text_equal_folded(line, length, keyword, strlen(keyword)))
		return NULL;
	return line[length] == '\0' ? "" : line + length + 1;
}

/* LIMITS RCPTMAX=n (RFC 9422) */
static void
read_limits(struct smtp_client *client, const char *limits)
{
	while (*limits != '\0') {
		size_t length = strcspn(limits, " ");
		uint64_t number;

		if (length > 8 && text_equal_folded(limits, 8, "RCPTMAX=", 8) &&
		    text_to_number(limits + 8, length - 8, &number))
			client->recipients_max = number;
		limits += length + (limits[length] == ' ');
	}
}

/* ehlo-line = ehlo-keyword *( SP ehlo-param ); also the old "AUTH=". */
static void
note_offer(void *context, const char *line)
{
	static const struct {
		const char *keyword;
		unsigned offer;
	} offers[] = {
		{ "PIPELINING", OFFERS_PIPELINING },
		{ "SIZE",       OFFERS_SIZE       },
		{ "8BITMIME",   OFFERS_8BITMIME   },
		{ "SMTPUTF8",   OFFERS_SMTPUTF8   },
		{ "CHUNKING",   OFFERS_CHUNKING   },
		{ "DSN",        OFFERS_DSN        },
		{ "AUTH",       OFFERS_AUTH       }
	};
	struct smtp_client *client = context;
	const char *parameter;
	struct text mechanisms;
	size_t i;

	for (i = 0; i < sizeof offers / sizeof offers[0]; i++) {
		parameter = parameter_of(line, offers[i].keyword);
		if (parameter == NULL)
			continue;
		client->offers |= offers[i].offer;
		if (offers[i].offer == OFFERS_SIZE)
			(void)text_to_number(parameter, strlen(parameter),
			    &client->size_max);
		if (offers[i].offer == OFFERS_AUTH) {
			text_init(&mechanisms, client->mechanisms,
			    sizeof client->mechanisms);
			text_add(&mechanisms, parameter);
		}
	}
	parameter = parameter_of(line, "LIMITS");
	if (parameter != NULL)
		read_limits(client, parameter);
}

/* A greeting that did not come, and now does, stands before the reply. */
static bool
say_hello(struct smtp_client *client, const char *verb, const char *name,
    struct answer *answer, struct failure *failure)
{
	struct connection *connection = client->connection;
	char line[300];
	struct text text;
	bool read = false, was_greeted;

	text_init(&text, line, sizeof line);
	text_add(&text, verb);
	text_add(&text, " ");
	text_add(&text, name);
	connection_put(connection, line, text.length);
	do {
		was_greeted = connection->greeted;
		connection->greeted = false;
		client->offers = 0;
		client->size_max = client->recipients_max = 0;
		read = answer_read(answer, connection, connection->seconds,
		    line, strcmp(verb, "HELO") != 0 ? note_offer : NULL,
		    client, failure);
	} while (read && was_greeted && answer->code == 220);
	if (!read || (answer->code != 250 && answer->code / 100 != 5)) {
		client->is_over = !read || answer->code == 421;
		return read && answer_refuses(answer, connection, line,
		    failure);
	}
	return true;
}

/* ehlo-greet: the first word is the server's name (RFC 5321 section 4.1.1.1). */
static void
note_server(struct smtp_client *client, const struct answer *answer)
{
	struct text text;

	text_init(&text, client->server, sizeof client->server);
	text_add_octets(&text, answer->text, strcspn(answer->text, " "));
	if (text.cut || !hostname_is_good(client->server))
		client->server[0] = '\0';
}

bool
smtp_client_begin(struct smtp_client *client, struct connection *connection,
    bool is_lmtp, const char *hostname, struct failure *failure)
{
	const char *name = strchr(hostname, '.') == NULL &&
	    connection->own_address[0] != '\0' ? connection->own_address :
	    hostname;
	const char *verb = is_lmtp ? "LHLO" : "EHLO";
	struct answer answer;

	memset(client, 0, sizeof *client);
	client->connection = connection;
	client->is_lmtp = is_lmtp;
	if (!connection->greeted) {
		if (!smtp_client_answer(client, connection->seconds,
		    "the connection", &answer, failure))
			return false;
		if (answer.code != 220)
			return answer_refuses(&answer, connection,
			    "the connection", failure);
	}
	if (!say_hello(client, verb, name, &answer, failure))
		return false;
	if (answer.code != 250 && !is_lmtp) {
		verb = "HELO";
		if (!say_hello(client, verb, name, &answer, failure))
			return false;
	}
	note_server(client, &answer);
	return answer.code == 250 ||
	    answer_refuses(&answer, connection, verb, failure);
}

/* sasl_login()'s way to the server (RFC 4954 section 4). */
static enum sasl_answer
exchange_line(void *context, const char *line, size_t length, bool is_secret,
    const char **challenge, struct failure *failure)
{
	struct smtp_client *client = context;
	struct connection *connection = client->connection;
	static struct answer answer;    /* the challenge is in it */

	if (is_secret)
		connection_put_secret(connection, line, length);
	else
		connection_put(connection, line, length);
	if (!smtp_client_answer(client, connection->seconds, "AUTH", &answer,
	    failure))
		return SASL_NO_ANSWER;
	*challenge = answer.text;
	if (answer.code == 334)
		return SASL_CHALLENGE;
	if (answer.code == 235)
		return SASL_SUCCESS;
	answer_refuses(&answer, connection, "AUTH", failure);
	return SASL_REFUSAL;
}

bool
smtp_client_login(struct smtp_client *client, const struct client *options,
    struct failure *failure)
{
	const struct connection *connection = client->connection;
	struct sasl_login login = {
		exchange_line, client, true, AUTH_OCTETS_MAX
	};
	bool passwords = connection->is_private || options->clear_passwords;
	enum sasl_mechanism mechanism;
	char password[CLIENT_PASSWORD_SIZE];
	bool done;

	if (!(client->offers & OFFERS_AUTH))
		return failure_set(failure, EX_UNAVAILABLE,
		    "%s offers no AUTH: nothing was sent", connection->name);
	mechanism = sasl_choose(client->mechanisms, passwords);
	if (mechanism == SASL_NONE)
		return failure_set(failure, EX_UNAVAILABLE,
		    sasl_choose(client->mechanisms, true) == SASL_NONE ?
		    "%s offers no AUTH mechanism that we have: %s" :
		    "%s wants the password itself (%s), which others could "
		    "read on this connection: use TLS, or say so by -p",
		    connection->name, client->mechanisms);
	if (!client_password(options, password, failure))
		return false;
	done = sasl_login(&login, mechanism, options->user, password, failure);
	wipe(password, sizeof password);
	return done;
}

bool
smtp_client_quit(struct smtp_client *client, struct failure *failure)
{
	struct answer answer;

	if (client->is_over)
		return true;
	client->is_over = true;
	if (!smtp_client_command(client, "QUIT", &answer, failure))
		return false;
	return answer.code == 221 || answer_refuses(&answer,
	    client->connection, "QUIT", failure);
}
