/*
 * The client's side of each mechanism: the examples of the RFCs, servers that
 * do not do what the mechanism says or cannot prove that they know the user,
 * and both sides of our own with each other.
 */
#include "stdio/sasl_client.h"

#include "stdio/sasl_server.h"
#include "store/base64.h"
#include "tests/lib/check.h"

/* RFC 7677 section 3: user "user", password "pencil". */
#define CLIENT_NONCE "rOprNGfwEbeRWgbNEkqO"
#define SERVER_NONCE "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
#define NONCE CLIENT_NONCE SERVER_NONCE
#define SALT "W22ZaJ0SNY7soEsUEjb6gQ=="
#define SERVER_FIRST "r=" NONCE ",s=" SALT ",i=4096"
#define CLIENT_FINAL "c=biws,r=" NONCE \
	",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
#define SIGNATURE "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
#define SERVER_FINAL "v=" SIGNATURE

#define X255 X51 X51 X51 X51 X51
#define X51 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X511 X255 X255 "x"

static struct sasl_client client;

static bool
respond(const char *challenge)
{
	return sasl_client_respond(&client, challenge, strlen(challenge));
}

static bool
response_is(const char *expected, size_t length)
{
	return same(client.response.start, client.response.length, expected,
	    length);
}

static const struct {
	const char *name;
	const char *user, *password;
	const char *message;
	size_t length;
} plains[] = {
	{ "RFC 4616's first example", "tim", "tanstaaftanstaaf",
	  OCTETS("\0tim\0tanstaaftanstaaf") },
	{ "UTF-8", "ren\xc3\xa9", "\xe2\x82\xac",
	  OCTETS("\0ren\xc3\xa9\0\xe2\x82\xac") },
	{ "commas and equals signs", "a,b=c", "d,e=f", OCTETS("\0a,b=c\0d,e=f") },
	{ "511 octets each", X511, X511, OCTETS("\0" X511 "\0" X511) },
};

static void
test_plain(void)
{
	size_t i;

	for (i = 0; i < COUNT(plains); i++) {
		sasl_client_begin(&client, SASL_PLAIN, plains[i].user,
		    plains[i].password, CLIENT_NONCE);
		CHECK(sasl_client_is_first(&client) && respond("") &&
		    response_is(plains[i].message, plains[i].length),
		    "PLAIN with %s", plains[i].name); /* smtp-4616-a */
		CHECK(sasl_client_may_succeed(&client) && !respond(""),
		    "one response is all");
	}
	sasl_client_begin(&client, SASL_PLAIN, "tim", "tanstaaf", CLIENT_NONCE);
	CHECK(!respond("Password:"), "PLAIN: the server has nothing to ask");
}

static void
test_login(void)
{
	static const char *const questions[][2] = {
		{ "Username:", "Password:" }, { "User Name", "Password" },
		{ "", "" }, { "username", "passwd?" }
	};
	size_t i;

	for (i = 0; i < COUNT(questions); i++) {
		sasl_client_begin(&client, SASL_LOGIN, "bob@example.com",
		    "pa ss", CLIENT_NONCE);
		CHECK(!sasl_client_is_first(&client) &&
		    respond(questions[i][0]) &&
		    response_is(OCTETS("bob@example.com")),
		    "LOGIN: the user to \"%s\"", questions[i][0]); /* smtp-login-a */
		CHECK(respond(questions[i][1]) &&
		    response_is(OCTETS("pa ss")),
		    "LOGIN: the password to \"%s\"", questions[i][1]); /* smtp-login-a */
		CHECK(sasl_client_may_succeed(&client) &&
		    !respond(questions[i][1]), "and no third answer");
	}
	sasl_client_begin(&client, SASL_LOGIN, X511, X511, CLIENT_NONCE);
	CHECK(respond("Username:") && response_is(OCTETS(X511)) &&
	    respond("Password:") && response_is(OCTETS(X511)),
	    "LOGIN: 511 octets each");
}

/* A client that has sent its first message. */
static void
begin_scram(void)
{
	sasl_client_begin(&client, SASL_SCRAM_SHA_256, "user", "pencil",
	    CLIENT_NONCE);
	must(respond(""), "no first message");
}

static void
test_example(void)
{
	sasl_client_begin(&client, SASL_SCRAM_SHA_256, "user", "pencil",
	    CLIENT_NONCE);
	CHECK(sasl_client_is_first(&client) && respond("") &&
	    response_is(OCTETS("n,,n=user,r=" CLIENT_NONCE)),
	    "RFC 7677: client-first is as printed"); /* scram-5802-5-a */
	CHECK(!sasl_client_may_succeed(&client),
	    "success is not believed before the server has said anything");
	CHECK(respond(SERVER_FIRST) && response_is(OCTETS(CLIENT_FINAL)),
	    "RFC 7677: client-final is as printed"); /* scram-5802-5-d scram-5802-5-e scram-5802-5-f */
	CHECK(!sasl_client_may_succeed(&client),
	    "nor before it has proven itself"); /* scram-5802-5-f */
	CHECK(respond(SERVER_FINAL) && response_is("", 0),
	    "RFC 7677: server-final is answered by nothing"); /* scram-5802-5-f */
	CHECK(sasl_client_may_succeed(&client), "and then success is believed"); /* scram-5802-5-f */
	CHECK(!respond(SERVER_FINAL) && !respond(""),
	    "a challenge behind that is none of the mechanism's");
}

/* scram_test.c has more of those that are no messages at all. */
static const struct {
	const char *name;
	const char *message;
} refused_firsts[] = {
	{ "nothing", "" },
	{ "the final message", SERVER_FINAL },
	{ "an error", "e=unknown-user" },
	{ "the client's nonce alone", "r=" CLIENT_NONCE ",s=" SALT ",i=4096" },
	{ "the client's nonce cut by one",
	  "r=rOprNGfwEbeRWgbNEkq,s=" SALT ",i=4096" },
	{ "the client's nonce cut by one, and more",
	  "r=rOprNGfwEbeRWgbNEkq" SERVER_NONCE ",s=" SALT ",i=4096" },
	{ "the client's nonce in another case",
	  "r=ROprNGfwEbeRWgbNEkqO" SERVER_NONCE ",s=" SALT ",i=4096" },
	{ "the client's nonce at the end",
	  "r=" SERVER_NONCE CLIENT_NONCE ",s=" SALT ",i=4096" },
	{ "another nonce", "r=" SERVER_NONCE ",s=" SALT ",i=4096" },
	{ "an empty nonce", "r=,s=" SALT ",i=4096" },
	{ "no nonce", "s=" SALT ",i=4096" },
	{ "a space in the nonce", "r=" CLIENT_NONCE " x,s=" SALT ",i=4096" },
	{ "no salt", "r=" NONCE ",i=4096" },
	{ "an empty salt", "r=" NONCE ",s=,i=4096" },
	{ "a salt that is no base 64", "r=" NONCE ",s=W22ZaJ0SNY7soEsUEjb6gQ,i=4096" },
	{ "no iterations", "r=" NONCE ",s=" SALT },
	{ "0 iterations", "r=" NONCE ",s=" SALT ",i=0" },
	{ "4095 iterations", "r=" NONCE ",s=" SALT ",i=4095" },
	{ "10000001 iterations", "r=" NONCE ",s=" SALT ",i=10000001" },
	{ "2^32 + 4096 iterations", "r=" NONCE ",s=" SALT ",i=4294971392" },
	{ "a leading zero", "r=" NONCE ",s=" SALT ",i=04096" },
	{ "a mandatory extension first", "m=x," SERVER_FIRST },
	{ "a mandatory extension last", SERVER_FIRST ",m=x" },
	{ "a comma at the end", SERVER_FIRST "," },
};

static void
test_refused_firsts(void)
{
	size_t i;

	for (i = 0; i < COUNT(refused_firsts); i++) {
		begin_scram();
		CHECK(!respond(refused_firsts[i].message) &&
		    !sasl_client_may_succeed(&client),
		    "a server's first message with %s: refused",
		    refused_firsts[i].name); /* scram-5802-5-b scram-5802-5-c scram-5802-5-h scram-7677-a */
	}
	sasl_client_begin(&client, SASL_SCRAM_SHA_256, "user", "pencil",
	    CLIENT_NONCE);
	CHECK(!respond(SERVER_FIRST), "a server that speaks first: refused");
	begin_scram();
	CHECK(!sasl_client_respond(&client, OCTETS(SERVER_FIRST "\0")),
	    "a server's first message with a NUL behind it: refused");
}

static const struct {
	const char *name;
	const char *message;
} refused_finals[] = {
	{ "nothing", "" },
	{ "an error", "e=invalid-proof" },
	{ "an empty error", "e=" },
	{ "no signature", "v=" },
	{ "another signature", "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G8=" },
	{ "the signature changed at its start",
	  "v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=" },
	{ "a signature of zeros", "v=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=" },
	{ "a signature cut by an octet", "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95A==" },
	{ "a signature with an octet more",
	  "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4A" },
	{ "bits behind the signature's end",
	  "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G5=" },
	{ "the client's own proof", "v=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=" },
	{ "V= for v=", "V=" SIGNATURE },
	{ "the signature behind something else", "x=1," SERVER_FINAL },
	{ "a mandatory extension", SERVER_FINAL ",m=x" },
	{ "a comma at the end", SERVER_FINAL "," },
	{ "the first message again", SERVER_FIRST },
};

static void
test_refused_finals(void)
{
	size_t i;

	for (i = 0; i < COUNT(refused_finals); i++) {
		begin_scram();
		CHECK(respond(SERVER_FIRST) &&
		    !respond(refused_finals[i].message) &&
		    !sasl_client_may_succeed(&client),
		    "a server's final message with %s: refused",
		    refused_finals[i].name); /* scram-5802-5-f */
	}
	begin_scram();
	CHECK(respond(SERVER_FIRST) && !respond("v=" SIGNATURE "=") &&
	    !respond(SERVER_FINAL) && !sasl_client_may_succeed(&client),
	    "a server has one try");
}

static void
test_extensions(void)
{
	begin_scram();
	CHECK(respond(SERVER_FIRST ",x=1") && !respond(SERVER_FINAL),
	    "an extension of the server's is part of what is signed"); /* scram-5802-5-h */
	begin_scram();
	CHECK(respond(SERVER_FIRST) && respond(SERVER_FINAL ",x=1") &&
	    sasl_client_may_succeed(&client),
	    "one behind its signature is passed over"); /* scram-5802-5-h */
}

static void
test_names(void)
{
	static char commas[SASL_NAME_OCTETS_MAX + 1];

	sasl_client_begin(&client, SASL_SCRAM_SHA_256, "a,b=c", "pencil",
	    CLIENT_NONCE);
	CHECK(respond("") && response_is(OCTETS("n,,n=a=2Cb=3Dc,r="
	    CLIENT_NONCE)), "comma and equals sign in a name are escaped"); /* scram-5802-5-g */
	memset(commas, ',', sizeof commas - 1);
	sasl_client_begin(&client, SASL_SCRAM_SHA_256, commas, "pencil",
	    CLIENT_NONCE);
	CHECK(respond("") && client.response.length == strlen("n,,n=,r="
	    CLIENT_NONCE) + 3 * SASL_NAME_OCTETS_MAX &&
	    respond(SERVER_FIRST), "a name of 511 commas is signed whole");
}

/* A server may say more than a final message has room for. */
static void
test_longest(void)
{
	static char first[SCRAM_MESSAGE_OCTETS_MAX + 1];
	const size_t rest = strlen(",s=" SALT ",i=4096");

	memset(first, 'x', sizeof first - 1);
	memcpy(first, "r=" CLIENT_NONCE, 2 + strlen(CLIENT_NONCE));
	strcpy(first + sizeof first - 1 - rest, ",s=" SALT ",i=4096");
	begin_scram();
	CHECK(!respond(first), "a nonce of two thousand octets is refused");
	memcpy(first, SERVER_FIRST ",x=", strlen(SERVER_FIRST ",x="));
	memset(first + strlen(SERVER_FIRST ",x="), 'x',
	    sizeof first - 1 - strlen(SERVER_FIRST ",x="));
	begin_scram();
	CHECK(respond(first), "a first message of 2048 octets is taken");
}

/* One exchange of our client with our server; what the client has to say. */
static bool
exchange_once(struct sasl_server *server, const char *user,
    const char *password, const char *known_password)
{
	unsigned char signature[SHA256_OCTETS];
	struct scram_verifier verifier = {
		.salt.iterations = ITERATIONS_LEAST, .salt.length = SALT_OCTETS
	};

	scram_verifier_make(&verifier, known_password, strlen(known_password));
	sasl_client_begin(&client, SASL_SCRAM_SHA_256, user, password,
	    "client-nonce");
	(void)sasl_server_begin(server, SASL_SCRAM_SHA_256, "server-nonce");
	return respond("") && sasl_server_take(server, client.response.start,
	    client.response.length) == SASL_FIND_SALT &&
	    same(server->user, server->user_length, user, strlen(user)) &&
	    sasl_server_salt(server, &verifier.salt) == SASL_CHALLENGE &&
	    sasl_client_respond(&client, server->challenge.start,
	    server->challenge.length) && sasl_server_take(server,
	    client.response.start, client.response.length) ==
	    SASL_CHECK_PROOF && scram_proof_check(&verifier,
	    server->auth_message.start, server->auth_message.length,
	    server->proof, signature) &&
	    sasl_server_signature(server, signature) == SASL_CHALLENGE &&
	    sasl_client_respond(&client, server->challenge.start,
	    server->challenge.length) && sasl_server_take(server,
	    client.response.start, client.response.length) == SASL_ACCEPT &&
	    sasl_client_may_succeed(&client);
}

static void
test_both_sides(void)
{
	static struct sasl_server server;
	static const struct {
		const char *user, *password;
	} people[] = {
		{ "bob@example.com", "secret" },
		{ "a,b=c=2C@example.com", "pa,ss=w=3Drd" },
		{ "ren\xc3\xa9@example.com", "\xe2\x82\xac" },
		{ "latin@example.com", "caf\xe9" },
		{ " spaces @example.com", " and  blanks\t" },
		{ X511, X511 },
	};
	size_t i;

	for (i = 0; i < COUNT(people); i++)
		CHECK(exchange_once(&server, people[i].user,
		    people[i].password, people[i].password),
		    "client and server agree: \"%s\"", shown(people[i].user,
		    strlen(people[i].user))); /* scram-5802-5-f scram-5802-5-g scram-5802-prep */
	CHECK(!exchange_once(&server, "bob@example.com", "Secret", "secret") &&
	    !sasl_client_may_succeed(&client),
	    "they do not, where the password is another");
}

static void
test_forgetting(void)
{
	static const struct sasl_client nothing;

	begin_scram();
	(void)respond(SERVER_FIRST);
	(void)respond(SERVER_FINAL);
	sasl_client_begin(&client, SASL_SCRAM_SHA_256, "user", "pencil",
	    CLIENT_NONCE);
	CHECK(!sasl_client_may_succeed(&client),
	    "a new exchange wants a new proof");
	(void)respond("");
	sasl_client_end(&client);
	CHECK(memcmp(&client, &nothing, sizeof client) == 0,
	    "nothing is left of an exchange");
	sasl_client_begin(&client, SASL_NONE, "user", "pencil", CLIENT_NONCE);
	CHECK(!respond(""), "no mechanism has no response");
}

int
main(void)
{
	test_plain();
	test_login();
	test_example();
	test_refused_firsts();
	test_refused_finals();
	test_extensions();
	test_names();
	test_longest();
	test_both_sides();
	test_forgetting();
	return check_end();
}
