/*
 * The mechanisms by name; and whole exchanges on a real connection, over a
 * real mail root: what is asked, what is answered to it, and what comes of it.
 */
#include "stdio/sasl.h"

#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "stdio/process.h"
#include "stdio/sasl_client.h"
#include "stdio/sasl_exchange.h"
#include "store/account.h"
#include "store/base64.h"
#include "store/login.h"
#include "tests/lib/check.h"
#include "tests/lib/directory.h"

/* Nothing here waits as long as this but when something is wrong. */
#define SECONDS 60

static void
test_names(void)
{
	static const struct {
		const char *name;
		enum sasl_mechanism mechanism;
	} names[] = {
		{ "SCRAM-SHA-256", SASL_SCRAM_SHA_256 },
		{ "scram-sha-256", SASL_SCRAM_SHA_256 },
		{ "PLAIN", SASL_PLAIN }, { "plain", SASL_PLAIN },
		{ "LOGIN", SASL_LOGIN }, { "LoGiN", SASL_LOGIN },
		{ "", SASL_NONE }, { " PLAIN", SASL_NONE },
		{ "PLAIN ", SASL_NONE }, { "PLAI", SASL_NONE },
		{ "PLAINX", SASL_NONE }, { "SCRAM-SHA-256-PLUS", SASL_NONE },
		{ "SCRAM-SHA-1", SASL_NONE }, { "SCRAM-SHA-512", SASL_NONE },
		{ "CRAM-MD5", SASL_NONE }, { "DIGEST-MD5", SASL_NONE },
		{ "NTLM", SASL_NONE }, { "GSSAPI", SASL_NONE },
		{ "EXTERNAL", SASL_NONE }, { "ANONYMOUS", SASL_NONE },
		{ "XOAUTH2", SASL_NONE }, { "OAUTHBEARER", SASL_NONE }
	};
	size_t i;

	for (i = 0; i < COUNT(names); i++)
		CHECK(sasl_mechanism_find(names[i].name) == names[i].mechanism,
		    "a mechanism called \"%s\": %s", names[i].name,
		    names[i].mechanism == SASL_NONE ? "not here" : "here"); /* scram-5802-4 */
	CHECK(sasl_sends_password(SASL_PLAIN) &&
	    sasl_sends_password(SASL_LOGIN) &&
	    !sasl_sends_password(SASL_SCRAM_SHA_256),
	    "PLAIN and LOGIN send the password, SCRAM does not");
}

static void
test_lists(void)
{
	static const struct {
		bool scram, passwords;
		const char *list;
	} lists[] = {
		{ true, true, "AUTH SCRAM-SHA-256 PLAIN LOGIN" },
		{ true, false, "AUTH SCRAM-SHA-256" },
		{ false, true, "AUTH PLAIN LOGIN" },
		{ false, false, "AUTH" }
	};
	char buffer[64];
	struct text list;
	size_t i;

	for (i = 0; i < COUNT(lists); i++) {
		text_init(&list, buffer, sizeof buffer);
		text_add(&list, "AUTH");
		sasl_list(&list, lists[i].scram, lists[i].passwords);
		CHECK(strcmp(buffer, lists[i].list) == 0, "%s",
		    lists[i].list); /* smtp-4954-3-a pop3-5034-4-e */
	}
}

/* A server's end of a connection, and who is there to log in. */
static struct line_reader reader;
static struct line_writer writer;
static struct options options;
static const char *const no_keywords[] = { NULL };
static struct mail_root root;
static const struct login_source logins = { &root, NULL, NULL };
static struct login_scram scram;
static struct address account;
static int other;                       /* the client's end */

/* What the server has asked, each challenge in brackets. */
static char asked_buffer[8192];
static struct text asked;

/* Who answers the challenges; NULL: what is answered is there already. */
static struct sasl_client *client;

static void
put(const char *octets, size_t length)
{
	must(length == 0 || write(other, octets, length) == (ssize_t)length,
	    "cannot write");
}

static void
answer(const char *base64, size_t length)
{
	char challenge[4096], response[4096];
	struct text line;

	must(base64_decode(base64, length, challenge, sizeof challenge,
	    &length), "a challenge in bad base 64");
	text_init(&line, response, sizeof response);
	if (sasl_client_respond(client, challenge, length))
		base64_encode(&line, client->response.start,
		    client->response.length);
	else
		text_add(&line, "*");
	text_add(&line, "\r\n");
	put(line.start, line.length);
}

static void
ask(void *context, const char *base64, size_t length)
{
	(void)context;
	text_add_octet(&asked, '[');
	text_add_octets(&asked, base64, length);
	text_add_octet(&asked, ']');
	if (client != NULL)
		answer(base64, length);
}

static enum password_result
check_password(void *context, const char *user, size_t user_length,
    const char *password, size_t password_length)
{
	(void)context;
	return login_check(&logins, user, user_length, password,
	    password_length, &account);
}

static enum password_result
find_salt(void *context, const char *user, size_t user_length,
    struct scram_salt *salt)
{
	enum password_result result;

	(void)context;
	result = login_scram_begin(&logins, &scram, user, user_length);
	*salt = scram.verifier.salt;
	return result;
}

static enum password_result
check_proof(void *context, const char *auth_message, size_t length,
    const unsigned char proof[SHA256_OCTETS],
    unsigned char signature[SHA256_OCTETS])
{
	(void)context;
	account = scram.account;
	return login_scram_end(&scram, auth_message, length, proof, signature);
}

static struct sasl_exchange exchange = {
	.in = &reader,
	.options = &options,
	.challenge = ask,
	.password = check_password,
	.salt = find_salt,
	.proof = check_proof
};

static void
connect_reader(void)
{
	int ends[2];

	must(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "no socket pair");
	line_writer_init(&writer, -1, SECONDS);
	line_reader_init(&reader, ends[0], &writer, false);
	other = ends[1];
	options.seconds = SECONDS;
	text_init(&asked, asked_buffer, sizeof asked_buffer);
}

static void
disconnect(void)
{
	(void)close(reader.descriptor);
	(void)close(other);
}

/* Has the exchange that a command with this argument asks for. */
static enum sasl_outcome
begin(const char *argument)
{
	char room[4096];

	strcpy(room, argument);
	return sasl_exchange(&exchange, room);
}

static const char *
outcome_name(enum sasl_outcome outcome)
{
	static const char *const names[] = {
		[SASL_LOGGED_IN] = "logged in",
		[SASL_WRONG] = "wrong",
		[SASL_NOT_THE_MECHANISM] = "not the mechanism",
		[SASL_BROKEN] = "a broken verifier",
		[SASL_FAILED] = "cannot be checked",
		[SASL_BAD_ARGUMENT] = "a bad argument",
		[SASL_UNKNOWN_MECHANISM] = "an unknown mechanism",
		[SASL_UNPROTECTED] = "not on an open line",
		[SASL_CANCELLED] = "cancelled",
		[SASL_NOT_BASE64] = "not base 64",
		[SASL_LINE_TOO_LONG] = "too long a line",
		[SASL_LINE_BROKEN] = "a broken line",
		[SASL_INPUT_ENDED] = "the end of the input"
	};

	return names[outcome];
}

/* In base 64: NUL, an address at example.com, NUL, a password. */
#define BOB "AGJvYkBleGFtcGxlLmNvbQBzZWNyZXQ="          /* secret */
#define BOB_CAPITALS "AEJPQkBFeGFtcGxlLkNPTQBzZWNyZXQ=" /* BOB@Example.COM */
#define BOB_WRONG "AGJvYkBleGFtcGxlLmNvbQBTZWNyZXQ="    /* Secret */
#define EVE "AGV2ZUBleGFtcGxlLmNvbQBzZWNyZXQ="          /* no such account */
#define NONE "AG5vbmVAZXhhbXBsZS5jb20Ac2VjcmV0"         /* no password */
#define BROKEN "AGJyb2tlbkBleGFtcGxlLmNvbQBzZWNyZXQ="   /* a bad verifier */
#define ACTING "ZXZlAGJvYkBleGFtcGxlLmNvbQBzZWNyZXQ="   /* eve as bob */
#define EMPTY "[]"

/* And the parts alone, as LOGIN has them. */
#define BOBS_NAME "Ym9iQGV4YW1wbGUuY29t"
#define EVES_NAME "ZXZlQGV4YW1wbGUuY29t"
#define SECRET "c2VjcmV0"
#define WRONG "U2VjcmV0"
#define USERNAME "[VXNlcm5hbWU6]"
#define PASSWORD "[UGFzc3dvcmQ6]"

static const struct {
	const char *name;
	const char *argument;   /* of AUTH */
	const char *input;
	size_t length;
	enum sasl_outcome outcome;
	const char *asked;
} cases[] = {
	{ "PLAIN with an initial response", "PLAIN " BOB, OCTETS(""),
	  SASL_LOGGED_IN, "" },
	{ "PLAIN without one", "PLAIN", OCTETS(BOB "\r\n"),
	  SASL_LOGGED_IN, EMPTY },
	{ "PLAIN with the name in capitals", "PLAIN " BOB_CAPITALS, OCTETS(""),
	  SASL_LOGGED_IN, "" },
	{ "PLAIN with more behind it", "PLAIN", OCTETS(BOB "\r\nNOOP\r\n"),
	  SASL_LOGGED_IN, EMPTY },
	{ "PLAIN with the wrong password", "PLAIN " BOB_WRONG, OCTETS(""),
	  SASL_WRONG, "" },
	{ "PLAIN of an unknown user", "PLAIN " EVE, OCTETS(""),
	  SASL_WRONG, "" },
	{ "PLAIN of RFC 4954's example", "PLAIN dGVzdAB0ZXN0ADEyMzQ=", OCTETS(""),
	  SASL_WRONG, "" },
	{ "PLAIN of RFC 4954's example, without an initial response", "PLAIN",
	  OCTETS("dGVzdAB0ZXN0ADEyMzQ=\r\n"), SASL_WRONG, EMPTY },
	{ "PLAIN of an account without a password", "PLAIN " NONE, OCTETS(""),
	  SASL_WRONG, "" },
	{ "PLAIN of an account with a bad verifier", "PLAIN " BROKEN, OCTETS(""),
	  SASL_BROKEN, "" },
	{ "PLAIN acting as another", "PLAIN " ACTING, OCTETS(""),
	  SASL_NOT_THE_MECHANISM, "" },
	{ "PLAIN with the empty initial response", "PLAIN =", OCTETS("NOOP\r\n"),
	  SASL_NOT_THE_MECHANISM, "" },
	{ "PLAIN with an empty response", "PLAIN", OCTETS("\r\nNOOP\r\n"),
	  SASL_NOT_THE_MECHANISM, EMPTY },
	{ "PLAIN cancelled", "PLAIN", OCTETS("*\r\n"),
	  SASL_CANCELLED, EMPTY },
	{ "PLAIN with a star as initial response", "PLAIN *", OCTETS("*\r\n"),
	  SASL_NOT_BASE64, "" },
	{ "PLAIN with two stars", "PLAIN", OCTETS("**\r\n"),
	  SASL_NOT_BASE64, EMPTY },
	{ "PLAIN with a star and a space", "PLAIN", OCTETS("* \r\n"),
	  SASL_NOT_BASE64, EMPTY },
	{ "PLAIN with = as a response", "PLAIN", OCTETS("=\r\n"),
	  SASL_NOT_BASE64, EMPTY },
	{ "PLAIN with == as initial response", "PLAIN ==", OCTETS(""),
	  SASL_NOT_BASE64, "" },
	{ "PLAIN with padding missing",
	  "PLAIN AGJvYkBleGFtcGxlLmNvbQBzZWNyZXQ", OCTETS(""), SASL_NOT_BASE64, "" },
	{ "PLAIN with bits behind the end", "PLAIN",
	  OCTETS("AGJvYkBleGFtcGxlLmNvbQBzZWNyZXR=\r\n"),
	  SASL_NOT_BASE64, EMPTY },
	{ "PLAIN with padding inside", "PLAIN", OCTETS("AA==" BOB "\r\n"),
	  SASL_NOT_BASE64, EMPTY },
	{ "PLAIN with a space inside", "PLAIN",
	  OCTETS("AGJvYkBleGFt cGxlLmNvbQBzZWNyZXQ=\r\n"),
	  SASL_NOT_BASE64, EMPTY },
	{ "PLAIN with a space behind it", "PLAIN", OCTETS(BOB " \r\n"),
	  SASL_NOT_BASE64, EMPTY },
	{ "PLAIN with a response in clear", "PLAIN", OCTETS("bob secret\r\n"),
	  SASL_NOT_BASE64, EMPTY },
	{ "PLAIN with a bare LF", "PLAIN", OCTETS(BOB "\n" BOB "\r\n"),
	  SASL_LINE_BROKEN, EMPTY },
	{ "PLAIN with a bare CR", "PLAIN", OCTETS(BOB "\rx\r\n"),
	  SASL_LINE_BROKEN, EMPTY },
	{ "PLAIN with a NUL", "PLAIN", OCTETS(BOB "\0\r\n"),
	  SASL_LINE_BROKEN, EMPTY },
	{ "PLAIN with half a line", "PLAIN", OCTETS(BOB),
	  SASL_INPUT_ENDED, EMPTY },
	{ "PLAIN with nothing more", "PLAIN", OCTETS(""),
	  SASL_INPUT_ENDED, EMPTY },

	{ "LOGIN in two steps", "LOGIN",
	  OCTETS(BOBS_NAME "\r\n" SECRET "\r\n"),
	  SASL_LOGGED_IN, USERNAME PASSWORD },
	{ "LOGIN with the name as initial response", "LOGIN " BOBS_NAME,
	  OCTETS(SECRET "\r\n"), SASL_LOGGED_IN, PASSWORD },
	{ "LOGIN with the wrong password", "LOGIN",
	  OCTETS(BOBS_NAME "\r\n" WRONG "\r\n"),
	  SASL_WRONG, USERNAME PASSWORD },
	{ "LOGIN of an unknown user", "LOGIN",
	  OCTETS(EVES_NAME "\r\n" SECRET "\r\n"),
	  SASL_WRONG, USERNAME PASSWORD },
	{ "LOGIN with an empty name", "LOGIN",
	  OCTETS("\r\nNOOP\r\n"), SASL_NOT_THE_MECHANISM, USERNAME },
	{ "LOGIN with the empty initial response", "LOGIN =",
	  OCTETS("NOOP\r\n"), SASL_NOT_THE_MECHANISM, "" },
	{ "LOGIN with an empty password", "LOGIN",
	  OCTETS(BOBS_NAME "\r\n\r\n"),
	  SASL_NOT_THE_MECHANISM, USERNAME PASSWORD },
	{ "LOGIN with a NUL for a name", "LOGIN",
	  OCTETS("AA==\r\nNOOP\r\n"), SASL_NOT_THE_MECHANISM, USERNAME },
	{ "LOGIN cancelled at once", "LOGIN", OCTETS("*\r\n"),
	  SASL_CANCELLED, USERNAME },
	{ "LOGIN cancelled at the password", "LOGIN",
	  OCTETS(BOBS_NAME "\r\n*\r\n"),
	  SASL_CANCELLED, USERNAME PASSWORD },
	{ "LOGIN with a password that is no base 64", "LOGIN " BOBS_NAME,
	  OCTETS("secret?\r\n"), SASL_NOT_BASE64, PASSWORD },
	{ "LOGIN ended at the password", "LOGIN " BOBS_NAME, OCTETS(""),
	  SASL_INPUT_ENDED, PASSWORD },

	{ "SCRAM with the empty initial response", "SCRAM-SHA-256 =", OCTETS(""),
	  SASL_NOT_THE_MECHANISM, "" },
	{ "SCRAM cancelled", "SCRAM-SHA-256", OCTETS("*\r\n"),
	  SASL_CANCELLED, EMPTY },
	{ "SCRAM with PLAIN's message", "SCRAM-SHA-256 " BOB, OCTETS(""),
	  SASL_NOT_THE_MECHANISM, "" },
	{ "SCRAM with a message in clear", "SCRAM-SHA-256",
	  OCTETS("n,,n=bob@example.com,r=abc\r\n"),
	  SASL_NOT_BASE64, EMPTY },
};

/* Whether any of these octets stand anywhere in the reader's memory. */
static bool
is_left(const char *octets)
{
	size_t length = strlen(octets), i;

	for (i = 0; i + length <= sizeof reader.buffer; i++)
		if (memcmp(reader.buffer + i, octets, length) == 0)
			return true;
	return false;
}

/* Passwords, and the whole lines that they came in, are wiped. */
static bool
is_forgotten(enum sasl_outcome outcome)
{
	return outcome == SASL_INPUT_ENDED ||
	    !(is_left("secret") || is_left("Secret") || is_left("NyZX") ||
	    is_left(SECRET) || is_left(WRONG));
}

static void
test_cases(void)
{
	size_t i;

	for (i = 0; i < COUNT(cases); i++) {
		enum sasl_outcome outcome;

		connect_reader();
		memset(reader.buffer, 0, sizeof reader.buffer);
		put(cases[i].input, cases[i].length);
		must(shutdown(other, SHUT_WR) == 0, "no shutdown");
		outcome = begin(cases[i].argument);
		CHECK(outcome == cases[i].outcome, "%s: %s",
		    cases[i].name, outcome_name(cases[i].outcome)); /* smtp-4616-a smtp-login-a smtp-4954-4-e smtp-4954-4-f */
		CHECK(strcmp(asked.start, cases[i].asked) == 0,
		    "%s: asks \"%s\"", cases[i].name,
		    cases[i].asked); /* smtp-4954-4-d */
		CHECK(is_forgotten(outcome),
		    "%s: no password is left", cases[i].name);
		CHECK(outcome != SASL_INPUT_ENDED ||
		    exchange.ended == READ_END, "%s: and how it ended is told",
		    cases[i].name);
		disconnect();
	}
}

/* Arguments of AUTH: what is wrong first is said, and nothing is read. */
static void
test_arguments(void)
{
	static const struct {
		const char *argument;
		bool is_protected, clear_passwords;
		const char *checkpassword;
		enum sasl_outcome outcome;
	} arguments[] = {
		{ "", true, true, NULL, SASL_BAD_ARGUMENT },
		{ "PLAIN " BOB " x", true, true, NULL, SASL_BAD_ARGUMENT },
		{ "PLAIN = =", false, false, NULL, SASL_BAD_ARGUMENT },
		{ "CRAM-MD5 x y", true, true, NULL, SASL_BAD_ARGUMENT },
		{ "CRAM-MD5", true, true, NULL, SASL_UNKNOWN_MECHANISM },
		{ "CRAM-MD5 ?", false, false, NULL, SASL_UNKNOWN_MECHANISM },
		{ "PLAIN=", true, true, NULL, SASL_UNKNOWN_MECHANISM },
		{ "SCRAM-SHA-256-PLUS", true, true, NULL, SASL_UNKNOWN_MECHANISM },
		{ "SCRAM-SHA-256", true, true, "true", SASL_UNKNOWN_MECHANISM },
		{ "SCRAM-SHA-256", false, false, NULL, SASL_INPUT_ENDED },
		{ "SCRAM-SHA-256 ?", false, false, NULL, SASL_NOT_BASE64 },
		{ "PLAIN", false, false, NULL, SASL_UNPROTECTED },
		{ "PLAIN " BOB, false, false, NULL, SASL_UNPROTECTED },
		{ "PLAIN ?", false, false, NULL, SASL_UNPROTECTED },
		{ "LOGIN", false, false, NULL, SASL_UNPROTECTED },
		{ "PLAIN " BOB, false, true, NULL, SASL_LOGGED_IN },
		{ "PLAIN " BOB, true, false, NULL, SASL_LOGGED_IN },
		{ "plain " BOB, true, false, NULL, SASL_LOGGED_IN },
		{ "PLAIN   " BOB " \t", true, false, NULL, SASL_LOGGED_IN },
		{ "PLAIN ", true, false, NULL, SASL_INPUT_ENDED },
		{ "PLAIN ?", true, false, NULL, SASL_NOT_BASE64 },
	};
	size_t i;

	for (i = 0; i < COUNT(arguments); i++) {
		connect_reader();
		must(shutdown(other, SHUT_WR) == 0, "no shutdown");
		options.is_protected = arguments[i].is_protected;
		options.clear_passwords = arguments[i].clear_passwords;
		options.checkpassword = arguments[i].checkpassword;
		CHECK(begin(arguments[i].argument) == arguments[i].outcome,
		    "AUTH %s%s%s%s: %s", arguments[i].argument,
		    arguments[i].is_protected ? ", protected" : "",
		    arguments[i].clear_passwords ? ", with -p" : "",
		    arguments[i].checkpassword != NULL ? ", with -A" : "",
		    outcome_name(arguments[i].outcome)); /* smtp-4954-4-a smtp-4954-4-b smtp-4954-4-k */
		CHECK(arguments[i].outcome == SASL_INPUT_ENDED ||
		    asked.length == 0, "and nothing is asked");
		disconnect();
	}
	options.clear_passwords = false;
	options.checkpassword = NULL;
}

static void
test_account(void)
{
	char *line;
	size_t length;

	connect_reader();
	put(OCTETS(BOB_CAPITALS "\r\nNOOP\r\n"));
	CHECK(begin("PLAIN") == SASL_LOGGED_IN &&
	    strcmp(account.local, "bob") == 0 &&
	    strcmp(account.domain, "example.com") == 0,
	    "who decides says whose account it is");
	CHECK(line_reader_line(&reader, 16, deadline_in(SECONDS), &line,
	    &length) == READ_LINE && same(line, length, OCTETS("NOOP")),
	    "what stands behind an exchange is still there");
	disconnect();
}

/* Lines as long as allowed; the octets are no base 64 but in groups of four. */
static void
test_long_lines(void)
{
	static const struct {
		size_t length;
		enum sasl_outcome outcome;
	} lines[] = {
		{ 12284, SASL_NOT_THE_MECHANISM },
		{ 12286, SASL_NOT_BASE64 },
		{ 12287, SASL_LINE_TOO_LONG },
		{ 12288, SASL_LINE_TOO_LONG },
		{ 60000, SASL_LINE_TOO_LONG }
	};
	static char line[60000];
	char *next;
	size_t i, length;

	memset(line, 'A', sizeof line);
	for (i = 0; i < COUNT(lines); i++) {
		connect_reader();
		put(line, lines[i].length);
		put(OCTETS("\r\nNOOP\r\n"));
		CHECK(begin("PLAIN") == lines[i].outcome &&
		    line_reader_line(&reader, 16, deadline_in(SECONDS), &next,
		    &length) == READ_LINE && same(next, length, OCTETS("NOOP")),
		    "a response of %zu octets and CRLF: %s", lines[i].length,
		    outcome_name(lines[i].outcome)); /* smtp-4954-4-g */
		disconnect();
	}
}

/* An exchange of SCRAM with a real client; *asks: how many challenges. */
static enum sasl_outcome
log_in(const char *user, const char *password, bool initial, unsigned *asks)
{
	static struct sasl_client own;
	char response[4096];
	enum sasl_outcome outcome;
	struct text text;
	size_t i;

	connect_reader();
	client = &own;
	sasl_client_begin(client, SASL_SCRAM_SHA_256, user, password, "abcdef");
	text_init(&text, response, sizeof response);
	text_add(&text, "SCRAM-SHA-256");
	if (initial) {
		must(sasl_client_respond(client, "", 0), "no first message");
		text_add_octet(&text, ' ');
		base64_encode(&text, client->response.start,
		    client->response.length);
	}
	outcome = begin(text.start);
	for (i = *asks = 0; i < asked.length; i++)
		*asks += asked.start[i] == '[';
	CHECK(outcome != SASL_LOGGED_IN || sasl_client_may_succeed(client),
	    "the server has proven itself to %s", user); /* scram-5802-5-f */
	client = NULL;
	disconnect();
	return outcome;
}

static void
test_scram(void)
{
	unsigned asks;

	CHECK(log_in("bob@example.com", "secret", true, &asks) ==
	    SASL_LOGGED_IN && asks == 2,
	    "SCRAM with an initial response"); /* scram-5802-5-f smtp-4954-4-m */
	CHECK(strcmp(account.local, "bob") == 0, "logs the user in");
	CHECK(log_in("bob@example.com", "secret", false, &asks) ==
	    SASL_LOGGED_IN && asks == 3 && asked.start[1] == ']',
	    "SCRAM without one: the first challenge is empty"); /* smtp-4954-4-d */
	CHECK(log_in("BOB@EXAMPLE.COM", "secret", true, &asks) ==
	    SASL_LOGGED_IN, "SCRAM with the name in capitals"); /* sasl-prep */
	CHECK(log_in("a,b=c@example.com", "secret", true, &asks) ==
	    SASL_LOGGED_IN, "SCRAM with comma and equals sign in the name"); /* scram-5802-5-g */

	CHECK(log_in("bob@example.com", "Secret", true, &asks) == SASL_WRONG &&
	    asks == 1, "SCRAM with the wrong password");
	CHECK(log_in("eve@example.com", "secret", true, &asks) == SASL_WRONG &&
	    asks == 1, "of an unknown user: the same course"); /* scram-5802-5-i */
	CHECK(log_in("none@example.com", "secret", true, &asks) == SASL_WRONG &&
	    asks == 1, "of an account without a password: the same"); /* scram-5802-5-i */
	CHECK(log_in("eve", "secret", true, &asks) == SASL_WRONG && asks == 1,
	    "of what is no address: the same"); /* scram-5802-5-i */
	CHECK(log_in("crypt@example.com", "secret", true, &asks) ==
	    SASL_WRONG && asks == 1,
	    "of an account with a crypt(3) string: the same");
	CHECK(log_in("broken@example.com", "secret", true, &asks) ==
	    SASL_BROKEN && asks == 0, "of one with a bad verifier: broken"); /* scram-5803-3 */
}

/* The challenge that answers client-first, decoded. */
static void
show_server_first(const char *user, char *room, size_t size)
{
	size_t length = 0, i;
	unsigned asks;

	(void)log_in(user, "secret", true, &asks);
	for (i = 1; i < asked.length && asked.start[i] != ']'; i++)
		;
	must(i < asked.length && base64_decode(asked.start + 1, i - 1, room,
	    size - 1, &length), "no challenge");
	room[length] = '\0';
}

static void
test_server_first(void)
{
	char known[512], again[512], unknown[512], unknown_again[512];
	size_t salt;

	show_server_first("bob@example.com", known, sizeof known);
	show_server_first("bob@example.com", again, sizeof again);
	show_server_first("eve@example.com", unknown, sizeof unknown);
	show_server_first("Eve@example.com", unknown_again,
	    sizeof unknown_again);
	salt = strcspn(known, ",");
	CHECK(strncmp(known, "r=abcdef", 8) == 0 && salt > 8 + 18,
	    "the nonce is the client's and more"); /* scram-5802-5-b */
	CHECK(strcspn(again, ",") == salt && strncmp(known, again, salt) != 0,
	    "new each time"); /* scram-5802-5-b */
	CHECK(strcmp(known + salt, again + salt) == 0 &&
	    strstr(known, ",i=4096") != NULL,
	    "salt and iterations are the same each time"); /* scram-5802-5-c scram-7677-a */
	CHECK(strcspn(unknown, ",") == salt &&
	    strcmp(unknown + salt, unknown_again + salt) == 0,
	    "also those of an unknown user"); /* scram-5802-5-i */
	CHECK(strcspn(unknown + salt + 1, ",") == strcspn(known + salt + 1, ",")
	    && strncmp(unknown + salt, known + salt, 24) != 0,
	    "whose salt is as long, and another"); /* scram-5802-5-i */
}

/* A client that has shown its proof says something more, or nothing. */
static void
test_scram_interrupted(void)
{
	static struct sasl_client own;
	static const struct {
		const char *name;
		const char *line;
		enum sasl_outcome outcome;
	} lines[] = {
		{ "is cancelled", "*\r\n", SASL_CANCELLED },
		{ "has a response", "AAAA\r\n", SASL_NOT_THE_MECHANISM },
		{ "has no base 64", "=\r\n", SASL_NOT_BASE64 },
		{ "has half a line", "", SASL_INPUT_ENDED }
	};
	struct text text;
	char first[128];
	size_t i;

	for (i = 0; i < COUNT(lines); i++) {
		connect_reader();
		sasl_client_begin(&own, SASL_SCRAM_SHA_256, "bob@example.com",
		    "secret", "abcdef");
		(void)sasl_client_respond(&own, "", 0);
		text_init(&text, first, sizeof first);
		text_add(&text, "SCRAM-SHA-256 ");
		base64_encode(&text, own.response.start, own.response.length);
		put(lines[i].line, strlen(lines[i].line));
		must(shutdown(other, SHUT_WR) == 0, "no shutdown");
		CHECK(begin(text.start) ==
		    lines[i].outcome, "SCRAM that %s at the second step",
		    lines[i].name);
		disconnect();
	}
}

static void
test_waiting(void)
{

	connect_reader();
	options.seconds = 0;
	CHECK(begin("PLAIN") == SASL_INPUT_ENDED &&
	    exchange.ended == READ_TIMED_OUT, "a client that says nothing");
	disconnect();
}

/* Without the secret there is no answer for who is not known. */
static void
test_trouble(void)
{
	unsigned asks;

	put_file("passwords/.secret", OCTETS("short"), 0600);
	connect_reader();
	CHECK(begin("PLAIN " EVE) == SASL_FAILED,
	    "PLAIN with the store in trouble: cannot be checked");
	disconnect();
	CHECK(log_in("eve@example.com", "secret", true, &asks) ==
	    SASL_FAILED && asks == 0, "SCRAM: cannot be checked");
	CHECK(log_in("bob@example.com", "secret", true, &asks) ==
	    SASL_LOGGED_IN, "who is known need not care");
}

/* The last test of all: a process that is to stop does not begin again. */
static void
test_stopping(void)
{

	connect_reader();
	put(OCTETS(BOB "\r\n"));
	(void)raise(SIGTERM);
	CHECK(begin("PLAIN") == SASL_INPUT_ENDED &&
	    exchange.ended == READ_STOPPED, "a server that is to stop");
	disconnect();
}

static void
make_accounts(void)
{
	static const char *const names[] = {
		"bob@example.com", "a,b=c@example.com", "none@example.com",
		"broken@example.com", "crypt@example.com"
	};
	static const char crypted[] = "$5$saltstring"
	    "$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5\n";
	struct address address;
	size_t i;

	must(root_make(&root, path_of(".")) == STORE_OK, "no mail root");
	for (i = 0; i < COUNT(names); i++) {
		must(address_parse(&address, names[i], strlen(names[i])) &&
		    account_create(&root, &address) == STORE_OK, "no account");
		if (i < 2)
			must(login_set_password(&root, &address, "secret", 6,
			    ITERATIONS_LEAST) == STORE_OK, "no password");
	}
	put_file("passwords/example.com/broken", OCTETS("secret\n"), 0600);
	put_file("passwords/example.com/crypt", OCTETS(crypted), 0600);
}

int
main(void)
{
	process_start(-1);
	test_names();
	test_lists();
	(void)make_directory();
	make_accounts();
	options_init(&options, "smtp-stdio", no_keywords, SECONDS);
	test_arguments();
	options.is_protected = true;
	test_cases();
	test_account();
	test_long_lines();
	test_scram();
	test_server_first();
	test_scram_interrupted();
	test_waiting();
	test_trouble();
	test_stopping();
	root_close(&root);
	return check_end();
}
