/*
 * The server's side of each mechanism: the examples of the RFCs, who may log
 * in as whom, and every response that is not what the mechanism says.
 */
#include "stdio/sasl_server.h"

#include "store/base64.h"
#include "tests/lib/check.h"

/* RFC 7677 section 3: user "user", password "pencil". */
#define CLIENT_NONCE "rOprNGfwEbeRWgbNEkqO"
#define SERVER_NONCE "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
#define NONCE CLIENT_NONCE SERVER_NONCE
#define SALT "W22ZaJ0SNY7soEsUEjb6gQ=="
#define BARE "n=user,r=" CLIENT_NONCE
#define SERVER_FIRST "r=" NONCE ",s=" SALT ",i=4096"
#define PROOF "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
#define SIGNATURE "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="

static struct sasl_server server;

static const char *
step_name(enum sasl_step step)
{
	static const char *const names[] = {
		[SASL_CHALLENGE] = "a challenge",
		[SASL_CHECK_PASSWORD] = "a password to check",
		[SASL_FIND_SALT] = "a salt to find",
		[SASL_CHECK_PROOF] = "a proof to check",
		[SASL_ACCEPT] = "accepted",
		[SASL_REFUSE] = "refused"
	};

	return names[step];
}

static bool
challenge_is(const char *expected)
{
	return same(server.challenge.start, server.challenge.length, expected,
	    strlen(expected)) && !server.challenge.cut;
}

static bool
user_is(const char *expected, size_t length)
{
	return same(server.user, server.user_length, expected, length);
}

static enum sasl_step
take(const char *response)
{
	return sasl_server_take(&server, response, strlen(response));
}

#define X255 X51 X51 X51 X51 X51
#define X51 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X511 X255 X255 "x"

/* Each is taken as an initial response, and as one to the empty challenge. */
static const struct {
	const char *name;
	const char *message;
	size_t length;
	const char *user;       /* NULL: refused */
	const char *password;
} plains[] = {
	{ "RFC 4616's first example", OCTETS("\0tim\0tanstaaftanstaaf"),
	  "tim", "tanstaaftanstaaf" },
	{ "RFC 4954's example, the user acting as herself",
	  OCTETS("test\0test\0" "1234"), "test", "1234" },
	{ "RFC 5034's example", OCTETS("test\0test\0test"), "test", "test" },
	{ "one octet each", OCTETS("\0u\0p"), "u", "p" },
	{ "a whole address", OCTETS("\0bob@example.com\0pa ss"),
	  "bob@example.com", "pa ss" },
	{ "the user acting as himself in another case",
	  OCTETS("BOB@Example.com\0bob@example.com\0secret"),
	  "bob@example.com", "secret" },
	{ "a name in another case, as sent", OCTETS("\0BOB@Example.com\0secret"),
	  "BOB@Example.com", "secret" },
	{ "UTF-8 in all of it", OCTETS("ren\xc3\xa9\0ren\xc3\xa9\0\xe2\x82\xac"),
	  "ren\xc3\xa9", "\xe2\x82\xac" },
	{ "255 octets each", OCTETS(X255 "\0" X255 "\0" X255), X255, X255 },
	{ "a name of 511 octets", OCTETS("\0" X511 "\0secret"), X511, "secret" },
	{ "a password of 511 octets", OCTETS("\0tim\0" X511), "tim", X511 },
	{ "spaces and control characters in the password",
	  OCTETS("\0tim\0 a\tb\r\n \xc2\x85"), "tim", " a\tb\r\n \xc2\x85" },

	{ "RFC 4616's second example, Ursel acting as Kurt",
	  OCTETS("Ursel\0Kurt\0xipj3plmq"), NULL, NULL },
	{ "nothing", OCTETS(""), NULL, NULL },
	{ "no NUL", OCTETS("tim"), NULL, NULL },
	{ "one NUL", OCTETS("tim\0tanstaaf"), NULL, NULL },
	{ "one NUL alone", OCTETS("\0"), NULL, NULL },
	{ "two NULs alone", OCTETS("\0\0"), NULL, NULL },
	{ "three NULs alone", OCTETS("\0\0\0"), NULL, NULL },
	{ "a third NUL behind the password", OCTETS("\0tim\0tanstaaf\0"), NULL, NULL },
	{ "a third NUL in the password", OCTETS("\0tim\0tan\0staaf"), NULL, NULL },
	{ "a third NUL first", OCTETS("\0\0tim\0tanstaaf"), NULL, NULL },
	{ "no name", OCTETS("\0\0tanstaaf"), NULL, NULL },
	{ "no name, acting as somebody", OCTETS("tim\0\0tanstaaf"), NULL, NULL },
	{ "no password", OCTETS("\0tim\0"), NULL, NULL },
	{ "another acting as the user", OCTETS("tim\0tom\0tanstaaf"), NULL, NULL },
	{ "somebody acting as the beginning of the name",
	  OCTETS("ti\0tim\0tanstaaf"), NULL, NULL },
	{ "somebody acting as more than the name",
	  OCTETS("timo\0tim\0tanstaaf"), NULL, NULL },
	{ "somebody acting as a space", OCTETS(" \0tim\0tanstaaf"), NULL, NULL },
	{ "a name in another case beyond ASCII, acting as himself",
	  OCTETS("REN\xc3\x89\0ren\xc3\xa9\0secret"), NULL, NULL },
	{ "a name in Latin-1", OCTETS("\0ren\xe9\0secret"), NULL, NULL },
	{ "an overlong character in the name", OCTETS("\0a\xc1\x81\0secret"), NULL, NULL },
	{ "half a character in the name", OCTETS("\0a\xe2\x82\0secret"), NULL, NULL },
	{ "acting as somebody in Latin-1", OCTETS("ren\xe9\0ren\xe9\0secret"), NULL, NULL },
	{ "a password in Latin-1", OCTETS("\0tim\0caf\xe9"), NULL, NULL },
	{ "half a character in the password", OCTETS("\0tim\0caf\xc3"), NULL, NULL },
	{ "a surrogate in the password", OCTETS("\0tim\0\xed\xa0\x80"), NULL, NULL },
	{ "a name of 512 octets", OCTETS("\0" X511 "x\0secret"), NULL, NULL },
	{ "a password of 512 octets", OCTETS("\0tim\0" X511 "x"), NULL, NULL },
};

static void
test_plain(void)
{
	size_t i;

	for (i = 0; i < COUNT(plains); i++) {
		const char *user = plains[i].user;
		enum sasl_step step = user == NULL ? SASL_REFUSE :
		    SASL_CHECK_PASSWORD;

		CHECK(sasl_server_begin(&server, SASL_PLAIN, SERVER_NONCE) ==
		    SASL_CHALLENGE && challenge_is("") &&
		    sasl_server_take(&server, plains[i].message,
		    plains[i].length) == step, "PLAIN with %s: %s",
		    plains[i].name, step_name(step)); /* smtp-4616-a */
		if (user == NULL)
			continue;
		CHECK(user_is(user, strlen(user)) && same(server.password,
		    server.password_length, plains[i].password,
		    strlen(plains[i].password)),
		    "the name and the password are as they came"); /* sasl-prep pop3-6856-2.2 */
	}
}

/* What the log says of a login that was refused before it was checked. */
static void
test_plain_names(void)
{
	(void)sasl_server_begin(&server, SASL_PLAIN, SERVER_NONCE);
	(void)sasl_server_take(&server, OCTETS("Ursel\0Kurt\0xipj3plmq"));
	CHECK(user_is("Kurt", 4), "PLAIN, refused: who it was is known");
	(void)sasl_server_begin(&server, SASL_PLAIN, SERVER_NONCE);
	(void)sasl_server_take(&server, OCTETS("\0\0tanstaaf"));
	CHECK(server.user_length == 0, "and that it was nobody");
}

static const struct {
	const char *name;
	const char *user;
	size_t user_length;
	const char *password;   /* NULL: already refused */
	size_t password_length;
	enum sasl_step step;
} logins[] = {
	{ "a name and a password", OCTETS("bob@example.com"), OCTETS("secret"),
	  SASL_CHECK_PASSWORD },
	{ "one octet each", OCTETS("u"), OCTETS("p"), SASL_CHECK_PASSWORD },
	{ "spaces", OCTETS(" a b "), OCTETS(" c d "), SASL_CHECK_PASSWORD },
	{ "UTF-8", OCTETS("ren\xc3\xa9"), OCTETS("\xe2\x82\xac"),
	  SASL_CHECK_PASSWORD },
	{ "a password in Latin-1", OCTETS("rene"), OCTETS("caf\xe9"),
	  SASL_CHECK_PASSWORD },
	{ "511 octets each", OCTETS(X511), OCTETS(X511), SASL_CHECK_PASSWORD },
	{ "no name", OCTETS(""), NULL, 0, SASL_REFUSE },
	{ "a NUL in the name", OCTETS("bo\0b"), NULL, 0, SASL_REFUSE },
	{ "a NUL behind the name", OCTETS("bob\0"), NULL, 0, SASL_REFUSE },
	{ "a name in Latin-1", OCTETS("ren\xe9"), NULL, 0, SASL_REFUSE },
	{ "a name of 512 octets", OCTETS(X511 "x"), NULL, 0, SASL_REFUSE },
	{ "all of PLAIN at once", OCTETS("\0bob\0secret"), NULL, 0, SASL_REFUSE },
	{ "no password", OCTETS("bob"), OCTETS(""), SASL_REFUSE },
	{ "a NUL in the password", OCTETS("bob"), OCTETS("sec\0ret"), SASL_REFUSE },
	{ "a NUL behind the password", OCTETS("bob"), OCTETS("secret\0"), SASL_REFUSE },
	{ "a NUL for a password", OCTETS("bob"), OCTETS("\0"), SASL_REFUSE },
	{ "a password of 512 octets", OCTETS("bob"), OCTETS(X511 "x"), SASL_REFUSE },
};

static void
test_login(void)
{
	enum sasl_step step;
	size_t i;

	for (i = 0; i < COUNT(logins); i++) {
		CHECK(sasl_server_begin(&server, SASL_LOGIN, SERVER_NONCE) ==
		    SASL_CHALLENGE && challenge_is("Username:"),
		    "LOGIN asks for the name"); /* smtp-login-a */
		step = sasl_server_take(&server, logins[i].user,
		    logins[i].user_length);
		if (logins[i].password != NULL) {
			CHECK(step == SASL_CHALLENGE &&
			    challenge_is("Password:"),
			    "then for the password"); /* smtp-login-a */
			step = sasl_server_take(&server, logins[i].password,
			    logins[i].password_length);
		}
		CHECK(step == logins[i].step, "LOGIN with %s: %s",
		    logins[i].name, step_name(logins[i].step)); /* smtp-login-a */
		if (step == SASL_CHECK_PASSWORD)
			CHECK(user_is(logins[i].user, logins[i].user_length) &&
			    same(server.password, server.password_length,
			    logins[i].password, logins[i].password_length),
			    "the name and the password are as they came"); /* sasl-prep */
	}
}

static void
set_salt(struct scram_salt *salt)
{
	salt->iterations = 4096;
	must(base64_decode(SALT, strlen(SALT), salt->octets,
	    sizeof salt->octets, &salt->length), "no base 64");
}

/* Begins SCRAM with the example's nonce, and gives it the example's salt. */
static enum sasl_step
begin_scram(const char *client_first)
{
	struct scram_salt salt;
	enum sasl_step step;

	set_salt(&salt);
	(void)sasl_server_begin(&server, SASL_SCRAM_SHA_256, SERVER_NONCE);
	step = take(client_first);
	return step == SASL_FIND_SALT ? sasl_server_salt(&server, &salt) : step;
}

static void
test_example(void)
{
	struct scram_verifier verifier;
	unsigned char signature[SHA256_OCTETS];

	set_salt(&verifier.salt);
	scram_verifier_make(&verifier, "pencil", 6);
	CHECK(sasl_server_begin(&server, SASL_SCRAM_SHA_256, SERVER_NONCE) ==
	    SASL_CHALLENGE && challenge_is(""), "RFC 7677: the client is first");
	CHECK(take("n,," BARE) == SASL_FIND_SALT && user_is("user", 4),
	    "RFC 7677: the first message asks for the salt of its user");
	CHECK(sasl_server_salt(&server, &verifier.salt) == SASL_CHALLENGE &&
	    challenge_is(SERVER_FIRST),
	    "RFC 7677: server-first is as printed"); /* scram-5802-5-b scram-5802-5-c scram-7677-a */
	CHECK(take("c=biws,r=" NONCE ",p=" PROOF) == SASL_CHECK_PROOF &&
	    scram_proof_check(&verifier, server.auth_message.start,
	    server.auth_message.length, server.proof, signature),
	    "RFC 7677: the proof of the final message is right"); /* scram-5802-5-d scram-5802-5-e scram-5802-5-f */
	CHECK(sasl_server_signature(&server, signature) == SASL_CHALLENGE &&
	    challenge_is("v=" SIGNATURE),
	    "RFC 7677: server-final is as printed"); /* scram-5802-5-f */
	CHECK(take("") == SASL_ACCEPT, "RFC 7677: an empty response ends it");
}

/* Exchanges in which the client does what it should; "user" is the user. */
static const struct {
	const char *name;
	const char *header, *bare;
	const char *final;      /* without its proof */
	const char *user;
} exchanges[] = {
	{ "the example", "n,,", BARE, "c=biws,r=" NONCE, "user" },
	{ "flag y", "y,,", BARE, "c=eSws,r=" NONCE, "user" },
	{ "the user acting as himself", "n,a=user,", BARE,
	  "c=bixhPXVzZXIs,r=" NONCE, "user" },
	{ "the user acting as himself in another case", "n,a=USER,", BARE,
	  "c=bixhPVVTRVIs,r=" NONCE, "user" },
	{ "flag y, acting as himself", "y,a=user,", BARE,
	  "c=eSxhPXVzZXIs,r=" NONCE, "user" },
	{ "a name with comma and equals sign", "n,,",
	  "n=a=2Cb=3Dc,r=" CLIENT_NONCE, "c=biws,r=" NONCE, "a,b=c" },
	{ "who acts as himself with them", "n,a=a=2Cb=3Dc,",
	  "n=a=2Cb=3Dc,r=" CLIENT_NONCE,
	  "c=bixhPWE9MkNiPTNEYyw=,r=" NONCE, "a,b=c" },
	{ "a name in UTF-8", "n,,", "n=ren\xc3\xa9,r=" CLIENT_NONCE,
	  "c=biws,r=" NONCE, "ren\xc3\xa9" },
	{ "a name in capitals", "n,,", "n=USER,r=" CLIENT_NONCE,
	  "c=biws,r=" NONCE, "USER" },
	{ "extensions in both messages", "n,,", BARE ",x=1,y=2",
	  "c=biws,r=" NONCE ",x=3,y=4", "user" },
	{ "a name of 511 octets", "n,,", "n=" X511 ",r=" CLIENT_NONCE,
	  "c=biws,r=" NONCE, X511 },
};

/* Adds the proof that a client makes over its own view of the messages. */
static void
add_proof(struct text *final, const char *bare)
{
	unsigned char proof[SHA256_OCTETS], signature[SHA256_OCTETS];
	char buffer[SCRAM_AUTH_MESSAGE_SIZE];
	struct scram_salt salt;
	struct text message;

	text_init(&message, buffer, sizeof buffer);
	text_add(&message, bare);
	text_add(&message, "," SERVER_FIRST ",");
	text_add_octets(&message, final->start, final->length);
	set_salt(&salt);
	scram_proof_make(&salt, "pencil", 6, message.start, message.length,
	    proof, signature);
	text_add(final, ",p=");
	base64_encode(final, proof, sizeof proof);
}

static void
test_exchanges(void)
{
	char first[SCRAM_MESSAGE_OCTETS_MAX], buffer[SCRAM_MESSAGE_OCTETS_MAX];
	unsigned char signature[SHA256_OCTETS];
	struct scram_verifier verifier;
	struct text final;
	size_t i;

	set_salt(&verifier.salt);
	scram_verifier_make(&verifier, "pencil", 6);
	for (i = 0; i < COUNT(exchanges); i++) {
		strcpy(first, exchanges[i].header);
		strcat(first, exchanges[i].bare);
		text_init(&final, buffer, sizeof buffer);
		text_add(&final, exchanges[i].final);
		add_proof(&final, exchanges[i].bare);
		CHECK(begin_scram(first) == SASL_CHALLENGE &&
		    challenge_is(SERVER_FIRST) && user_is(exchanges[i].user,
		    strlen(exchanges[i].user)), "SCRAM with %s: begins",
		    exchanges[i].name); /* scram-5802-5-a scram-5802-5-b scram-5802-5-g scram-5802-5-j */
		CHECK(take(final.start) == SASL_CHECK_PROOF &&
		    scram_proof_check(&verifier, server.auth_message.start,
		    server.auth_message.length, server.proof, signature),
		    "SCRAM with %s: the proof is right",
		    exchanges[i].name); /* scram-5802-5-d scram-5802-5-f scram-5802-5-h scram-5802-prep */
		(void)sasl_server_signature(&server, signature);
		CHECK(take("") == SASL_ACCEPT, "SCRAM with %s: accepted",
		    exchanges[i].name);
	}
}

/* First messages; scram_test.c has those that are none at all. */
static const struct {
	const char *name;
	const char *message;
} refused_firsts[] = {
	{ "nothing", "" },
	{ "channel binding", "p=tls-unique,," BARE },
	{ "a flag that is none", "x,," BARE },
	{ "a mandatory extension", "n,,m=x," BARE },
	{ "an empty nonce", "n,,n=user,r=" },
	{ "a nonce with a space", "n,,n=user,r=a b" },
	{ "a bad escape in the name", "n,,n=a=b,r=abc" },
	{ "an escape in small letters", "n,,n=a=2cb,r=abc" },
	{ "an equals sign at the name's end", "n,,n=a=,r=abc" },
	{ "a name in Latin-1", "n,,n=ren\xe9,r=abc" },
	{ "a name of 512 octets", "n,,n=" X511 "x,r=abc" },
	{ "another's authorization identity", "n,a=admin," BARE },
	{ "the beginning of the name as one", "n,a=use," BARE },
	{ "more than the name as one", "n,a=users," BARE },
	{ "a bad escape in the authorization identity", "n,a=user=," BARE },
	{ "an escape in the authorization identity that is not in the name",
	  "n,a=us=2Cer," BARE },
	{ "an authorization identity of 512 octets", "n,a=" X511 "x," BARE },
	{ "the final message", "c=biws,r=" NONCE ",p=" PROOF },
	{ "PLAIN's words", "user pencil" },
};

static void
test_refused_firsts(void)
{
	size_t i;

	for (i = 0; i < COUNT(refused_firsts); i++)
		CHECK(begin_scram(refused_firsts[i].message) == SASL_REFUSE,
		    "SCRAM, first message with %s: refused",
		    refused_firsts[i].name); /* scram-5802-5-a scram-5802-5-b scram-5802-5-g scram-5802-5-h scram-5802-5-j */
	(void)begin_scram("n,a=admin," BARE);
	CHECK(user_is("user", 4), "SCRAM, refused: who it was is known");
}

static const struct {
	const char *name;
	const char *header;
	const char *final;
} refused_finals[] = {
	{ "nothing", "n,,", "" },
	{ "the client's nonce alone", "n,,", "c=biws,r=" CLIENT_NONCE ",p=" PROOF },
	{ "the server's nonce alone", "n,,", "c=biws,r=" SERVER_NONCE ",p=" PROOF },
	{ "a nonce cut by one", "n,,", "c=biws,r=" CLIENT_NONCE
	  "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k,p=" PROOF },
	{ "a nonce longer by one", "n,,", "c=biws,r=" NONCE "0,p=" PROOF },
	{ "a nonce that ends otherwise", "n,,", "c=biws,r=" CLIENT_NONCE
	  "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k1,p=" PROOF },
	{ "a nonce that begins otherwise", "n,,",
	  "c=biws,r=ROprNGfwEbeRWgbNEkqO" SERVER_NONCE ",p=" PROOF },
	{ "what follows the nonce in server-first", "n,,",
	  "c=biws,r=" NONCE "s=" SALT ",p=" PROOF },
	{ "flag y where it was n", "n,,", "c=eSws,r=" NONCE ",p=" PROOF },
	{ "flag n where it was y", "y,,", "c=biws,r=" NONCE ",p=" PROOF },
	{ "channel binding where there is none", "n,,",
	  "c=cD10bHMtdW5pcXVlLCw=,r=" NONCE ",p=" PROOF },
	{ "channel data behind the header", "n,,",
	  "c=biwsAAAA,r=" NONCE ",p=" PROOF },
	{ "an authorization identity that was not there", "n,,",
	  "c=bixhPXVzZXIs,r=" NONCE ",p=" PROOF },
	{ "no authorization identity where one was", "n,a=user,",
	  "c=biws,r=" NONCE ",p=" PROOF },
	{ "an authorization identity in another case", "n,a=USER,",
	  "c=bixhPXVzZXIs,r=" NONCE ",p=" PROOF },
	{ "the header without its last comma", "n,,",
	  "c=biw=,r=" NONCE ",p=" PROOF },
	{ "bits behind the end of the header", "n,a=a=2Cb=3Dc,",
	  "c=bixhPWE9MkNiPTNEYyx=,r=" NONCE ",p=" PROOF },
	{ "the header not in base 64", "n,,", "c=n,,,r=" NONCE ",p=" PROOF },
	{ "a mandatory extension", "n,,", "c=biws,r=" NONCE ",m=x,p=" PROOF },
	{ "no proof", "n,,", "c=biws,r=" NONCE },
	{ "an empty proof", "n,,", "c=biws,r=" NONCE ",p=" },
	{ "a proof of 31 octets", "n,,", "c=biws,r=" NONCE
	  ",p=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg==" },
	{ "a proof of 33 octets", "n,,", "c=biws,r=" NONCE
	  ",p=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g" },
	{ "bits behind the end of the proof", "n,,", "c=biws,r=" NONCE
	  ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVR=" },
	{ "the first message again", "n,,", "n,," BARE },
	{ "server-first sent back", "n,,", SERVER_FIRST },
};

static void
test_refused_finals(void)
{
	char first[1024];
	size_t i;

	for (i = 0; i < COUNT(refused_finals); i++) {
		strcpy(first, refused_finals[i].header);
		strcat(first, strstr(first, "=2C") == NULL ? BARE :
		    "n=a=2Cb=3Dc,r=" CLIENT_NONCE);
		CHECK(begin_scram(first) == SASL_CHALLENGE &&
		    take(refused_finals[i].final) == SASL_REFUSE,
		    "SCRAM, final message with %s: refused",
		    refused_finals[i].name); /* scram-5802-5-d scram-5802-5-e scram-5802-5-f */
	}
}

/* What the client sends behind the server's signature. */
static void
test_last_responses(void)
{
	static const struct {
		const char *octets;
		size_t length;
	} responses[] = {
		{ OCTETS("x") }, { OCTETS("=") }, { OCTETS(" ") },
		{ OCTETS("\0") }, { OCTETS("v=" SIGNATURE) },
		{ OCTETS("c=biws,r=" NONCE ",p=" PROOF) }
	};
	static const unsigned char signature[SHA256_OCTETS];
	size_t i;

	for (i = 0; i < COUNT(responses); i++) {
		(void)begin_scram("n,," BARE);
		(void)take("c=biws,r=" NONCE ",p=" PROOF);
		(void)sasl_server_signature(&server, signature);
		CHECK(sasl_server_take(&server, responses[i].octets,
		    responses[i].length) == SASL_REFUSE,
		    "SCRAM, last response \"%s\": refused",
		    shown(responses[i].octets, responses[i].length));
	}
}

/* The longest first message and the longest final one fit. */
static void
test_longest(void)
{
	static char first[SCRAM_MESSAGE_OCTETS_MAX + 1];
	static char final[SCRAM_MESSAGE_OCTETS_MAX + 1];
	const size_t proof = strlen(",p=" PROOF), extras = strlen(SERVER_NONCE);
	const size_t ours = SCRAM_MESSAGE_OCTETS_MAX - strlen("c=biws,r=") -
	    extras - proof;

	memset(first, 'x', sizeof first - 1);
	memcpy(first, "n,,n=u,r=", 9);
	memcpy(first + 9 + ours, ",x=", 3);
	memset(final, 'x', sizeof final - 1);
	memcpy(final, "c=biws,r=", 9);
	memcpy(final + 9 + ours, SERVER_NONCE, extras);
	memcpy(final + sizeof final - 1 - proof, ",p=" PROOF, proof);
	CHECK(begin_scram(first) == SASL_CHALLENGE && !server.challenge.cut &&
	    take(final) == SASL_CHECK_PROOF && !server.auth_message.cut &&
	    server.auth_message.length == sizeof first - 1 - 3 + 1 +
	    strlen("r=,s=" SALT ",i=4096") + ours + extras + 1 +
	    sizeof final - 1 - proof, "messages of 2048 octets are signed whole");

	/* No final message could bring this nonce back. */
	memset(first + 9, 'x', sizeof first - 1 - 9);
	CHECK(begin_scram(first) == SASL_CHALLENGE && !server.challenge.cut &&
	    server.challenge.length == 2 + sizeof first - 1 - 9 + extras +
	    strlen(",s=" SALT ",i=4096"), "a nonce of 2039 octets is not cut");
}

static void
test_other_mechanisms(void)
{
	(void)sasl_server_begin(&server, SASL_NONE, SERVER_NONCE);
	CHECK(take("x") == SASL_REFUSE, "no mechanism takes anything");
}

/* What one exchange has brought is not there in the next, nor afterwards. */
static void
test_forgetting(void)
{
	static const struct {
		enum sasl_mechanism mechanism;
		const char *name;
		const char *response;
		size_t length;
	} begun[] = {
		{ SASL_SCRAM_SHA_256, "SCRAM", OCTETS("n,," BARE) },
		{ SASL_PLAIN, "PLAIN", OCTETS("\0tim\0tanstaaf") },
		{ SASL_LOGIN, "LOGIN", OCTETS("tim") }
	};
	static const struct sasl_server nothing;
	size_t i;

	(void)sasl_server_begin(&server, SASL_PLAIN, SERVER_NONCE);
	(void)sasl_server_take(&server, OCTETS("\0tim\0tanstaaf"));
	(void)sasl_server_begin(&server, SASL_LOGIN, SERVER_NONCE);
	CHECK(server.user_length == 0 && server.password_length == 0,
	    "a new exchange knows nobody");
	for (i = 0; i < COUNT(begun); i++) {
		(void)sasl_server_begin(&server, begun[i].mechanism,
		    SERVER_NONCE);
		(void)sasl_server_take(&server, begun[i].response,
		    begun[i].length);
		(void)take("tanstaaf");
		sasl_server_end(&server);
		CHECK(memcmp(&server, &nothing, sizeof server) == 0,
		    "nothing is left of an exchange by %s", begun[i].name);
	}
}

int
main(void)
{
	test_plain();
	test_plain_names();
	test_login();
	test_example();
	test_exchanges();
	test_refused_firsts();
	test_refused_finals();
	test_last_responses();
	test_longest();
	test_other_mechanisms();
	test_forgetting();
	return check_end();
}
