/*
 * Password verifiers: the example of RFC 7677, proofs and signatures, the form
 * of RFC 5803 and what is not of that form, crypt(3) strings, and answers to
 * passwords.
 */
#include "store/password.h"

#include "store/base64.h"
#include "tests/lib/check.h"

/* RFC 7677 section 3: user "user", password "pencil". */
#define CLIENT_FIRST "n=user,r=rOprNGfwEbeRWgbNEkqO"
#define NONCE "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
#define SALT "W22ZaJ0SNY7soEsUEjb6gQ=="
#define SERVER_FIRST "r=" NONCE ",s=" SALT ",i=4096"
#define CLIENT_FINAL "c=biws,r=" NONCE
#define CLIENT_PROOF "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
#define SERVER_SIGNATURE "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="

static const char auth_message[] =
    CLIENT_FIRST "," SERVER_FIRST "," CLIENT_FINAL;

/* Keys that are as long as they must be, and salts that need not be. */
#define KEY_A "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define KEY_B "Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA="
#define KEY_31 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg=="
#define KEY_33 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g"
#define GOOD "SCRAM-SHA-256$4096:" SALT "$" KEY_A ":" KEY_B
#define SALT_64 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" \
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAA"       /* 63 octets */

static void
test_example(void)
{
	struct scram_verifier verifier = { .salt.iterations = 4096 };
	unsigned char signature[SHA256_OCTETS], expected[SHA256_OCTETS];
	unsigned char proof[SHA256_OCTETS], key[SHA256_OCTETS];
	size_t length, i;

	CHECK(base64_decode(SALT, strlen(SALT), verifier.salt.octets,
	    sizeof verifier.salt.octets, &verifier.salt.length) &&
	    verifier.salt.length == 16, "RFC 7677: the salt has 16 octets");
	scram_verifier_make(&verifier, "pencil", 6);

	hmac_sha256(verifier.server_key, SHA256_OCTETS, auth_message,
	    strlen(auth_message), signature);
	CHECK(base64_decode(SERVER_SIGNATURE, strlen(SERVER_SIGNATURE),
	    expected, sizeof expected, &length) &&
	    same(signature, sizeof signature, expected, length),
	    "RFC 7677: ServerKey makes the ServerSignature of the example");

	/* ClientKey = ClientProof XOR ClientSignature; its hash is StoredKey. */
	hmac_sha256(verifier.stored_key, SHA256_OCTETS, auth_message,
	    strlen(auth_message), signature);
	CHECK(base64_decode(CLIENT_PROOF, strlen(CLIENT_PROOF), proof,
	    sizeof proof, &length) && length == sizeof proof,
	    "RFC 7677: the ClientProof has 32 octets");
	for (i = 0; i < SHA256_OCTETS; i++)
		key[i] = proof[i] ^ signature[i];
	sha256_of(key, sizeof key, expected);
	CHECK(memcmp(expected, verifier.stored_key, sizeof expected) == 0,
	    "RFC 7677: StoredKey accepts the ClientProof of the example");
}

/* The verifier of the example, and the proof and signature that belong to it. */
static void
set_example(struct scram_verifier *verifier,
    unsigned char proof[SHA256_OCTETS], unsigned char signature[SHA256_OCTETS])
{
	size_t length;

	verifier->salt.iterations = 4096;
	must(base64_decode(SALT, strlen(SALT), verifier->salt.octets,
	    sizeof verifier->salt.octets, &verifier->salt.length) &&
	    base64_decode(CLIENT_PROOF, strlen(CLIENT_PROOF), proof,
	    SHA256_OCTETS, &length) &&
	    base64_decode(SERVER_SIGNATURE, strlen(SERVER_SIGNATURE),
	    signature, SHA256_OCTETS, &length), "no base 64");
	scram_verifier_make(verifier, "pencil", 6);
}

static void
test_proofs_made(void)
{
	unsigned char proof[SHA256_OCTETS], signature[SHA256_OCTETS];
	unsigned char right[SHA256_OCTETS], expected[SHA256_OCTETS];
	struct scram_verifier verifier;

	set_example(&verifier, right, expected);
	scram_proof_make(&verifier.salt, "pencil", 6, auth_message,
	    strlen(auth_message), proof, signature);
	CHECK(memcmp(proof, right, sizeof proof) == 0,
	    "RFC 7677: the client makes the proof of the example"); /* scram-5802-5-f */
	CHECK(memcmp(signature, expected, sizeof signature) == 0,
	    "RFC 7677: and knows what the server must sign"); /* scram-5802-5-f */
	scram_proof_make(&verifier.salt, "Pencil", 6, auth_message,
	    strlen(auth_message), proof, signature);
	CHECK(!scram_proof_check(&verifier, auth_message, strlen(auth_message),
	    proof, signature), "the proof of another password is wrong");
	verifier.salt.iterations++;
	scram_proof_make(&verifier.salt, "pencil", 6, auth_message,
	    strlen(auth_message), proof, signature);
	CHECK(!scram_proof_check(&verifier, auth_message, strlen(auth_message),
	    proof, signature), "so is that of one iteration more");
}

/* Whether a proof stays wrong with each single bit of it changed. */
static bool
each_bit_counts(const struct scram_verifier *verifier,
    unsigned char proof[SHA256_OCTETS])
{
	unsigned char signature[SHA256_OCTETS];
	bool counts = true;
	size_t bit;

	for (bit = 0; bit < 8 * SHA256_OCTETS; bit++) {
		proof[bit / 8] ^= (unsigned char)(1 << bit % 8);
		counts &= !scram_proof_check(verifier, auth_message,
		    strlen(auth_message), proof, signature);
		proof[bit / 8] ^= (unsigned char)(1 << bit % 8);
	}
	return counts;
}

static void
test_proofs_checked(void)
{
	unsigned char proof[SHA256_OCTETS], signature[SHA256_OCTETS];
	unsigned char expected[SHA256_OCTETS];
	struct scram_verifier verifier;
	size_t length = strlen(auth_message), i;
	char message[sizeof auth_message];
	bool counts = true;

	set_example(&verifier, proof, expected);
	CHECK(scram_proof_check(&verifier, auth_message, length, proof,
	    signature), "RFC 7677: the server accepts the proof"); /* scram-5802-5-f scram-7677-a */
	CHECK(memcmp(signature, expected, sizeof signature) == 0,
	    "RFC 7677: and signs as in the example"); /* scram-5802-5-f */
	CHECK(each_bit_counts(&verifier, proof),
	    "a proof with one bit changed is wrong");
	for (i = 0; i < length; i++) {
		memcpy(message, auth_message, sizeof message);
		message[i] ^= 1;
		counts &= !scram_proof_check(&verifier, message, length, proof,
		    signature) && memcmp(signature, expected,
		    sizeof signature) != 0;
	}
	CHECK(counts, "a proof over messages with one bit changed is wrong");
	CHECK(!scram_proof_check(&verifier, auth_message, length - 1, proof,
	    signature), "so is one over messages that are cut");
	verifier.server_key[31] ^= 1;
	CHECK(scram_proof_check(&verifier, auth_message, length, proof,
	    signature) && memcmp(signature, expected, sizeof signature) != 0,
	    "who has another ServerKey signs otherwise");
	verifier.stored_key[31] ^= 1;
	CHECK(!scram_proof_check(&verifier, auth_message, length, proof,
	    signature), "with another StoredKey the proof is wrong");
	memset(proof, 0, sizeof proof);
	CHECK(!scram_proof_check(&verifier, auth_message, length, proof,
	    signature), "a proof of zeros is wrong");
}

static void
test_keys_compared(void)
{
	unsigned char a[SHA256_OCTETS] = { 0 }, b[SHA256_OCTETS] = { 0 };
	bool told = true;
	size_t i;

	CHECK(scram_keys_are_equal(a, b), "equal keys are equal");
	for (i = 0; i < 8 * SHA256_OCTETS; i++) {
		a[i / 8] ^= (unsigned char)(1 << i % 8);
		told &= !scram_keys_are_equal(a, b);
		a[i / 8] ^= (unsigned char)(1 << i % 8);
	}
	a[0] = a[31] = 1;
	CHECK(told && !scram_keys_are_equal(a, b), "others are not");
}

static const struct {
	const char *name;
	const char *verifier;
	enum password_result result;
} reads[] = {
	{ "as it is written", GOOD, PASSWORD_RIGHT },
	{ "as it stands in its file", GOOD "\n", PASSWORD_RIGHT },
	{ "as it may stand in its file", " " GOOD " \t\r\n\n", PASSWORD_RIGHT },
	{ "crypt(3) with SHA-512", "$6$saltstring"
	  "$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLi"
	  "BFdcbYEdFCoEOfaS35inz1\n", PASSWORD_WRONG },
	{ "crypt(3) with DES", "rl.3StKT.4T8M\n", PASSWORD_WRONG },
	{ "nothing", "", PASSWORD_MALFORMED },
	{ "white space", " \r\n", PASSWORD_MALFORMED },
	{ "a password", "pencil\n", PASSWORD_MALFORMED },
	{ "a locked account of passwd(5)", "!\n", PASSWORD_MALFORMED },
	{ "SCRAM-SHA-1", "SCRAM-SHA-1$4096:" SALT "$" KEY_A ":" KEY_B,
	  PASSWORD_MALFORMED },
	{ "too many iterations",
	  "SCRAM-SHA-256$10000001:" SALT "$" KEY_A ":" KEY_B, PASSWORD_MALFORMED },
	{ "a short key", "SCRAM-SHA-256$4096:" SALT "$" KEY_A ":" KEY_31,
	  PASSWORD_MALFORMED },
	{ "two lines", GOOD "\n" GOOD "\n", PASSWORD_MALFORMED },
};

static void
test_reading_for_scram(void)
{
	struct scram_verifier verifier;
	char longest[VERIFIER_SIZE + 2];
	size_t i;

	for (i = 0; i < COUNT(reads); i++)
		CHECK(scram_verifier_read(&verifier, reads[i].verifier) ==
		    reads[i].result, "read for SCRAM: %s, %s", reads[i].name,
		    reads[i].result == PASSWORD_RIGHT ? "taken" : "refused"); /* scram-5803-3 */
	CHECK(scram_verifier_read(&verifier, " " GOOD "\n") == PASSWORD_RIGHT &&
	    verifier.salt.iterations == 4096 && verifier.salt.length == 16 &&
	    verifier.stored_key[31] == 31 && verifier.server_key[0] == 31,
	    "read for SCRAM: the parts are those that stand there");
	memset(longest, 'x', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	CHECK(scram_verifier_read(&verifier, longest) == PASSWORD_MALFORMED,
	    "read for SCRAM: one that is far too long, refused");
}

static const struct {
	const char *name;
	const char *text;
	size_t length;
	bool taken;
} forms[] = {
	{ "as it is written", OCTETS(GOOD), true },
	{ "spaces around both $",
	  OCTETS("SCRAM-SHA-256 $ 4096:" SALT "  $  " KEY_A ":" KEY_B), true },
	{ "spaces around it all", OCTETS("  " GOOD "   "), true },
	{ "one iteration", OCTETS("SCRAM-SHA-256$1:" SALT "$" KEY_A ":" KEY_B), true },
	{ "10000000 iterations",
	  OCTETS("SCRAM-SHA-256$10000000:" SALT "$" KEY_A ":" KEY_B), true },
	{ "a salt of one octet",
	  OCTETS("SCRAM-SHA-256$4096:AA==$" KEY_A ":" KEY_B), true },
	{ "a salt of 128 octets",
	  OCTETS("SCRAM-SHA-256$4096:" SALT_64 SALT_64 "AAA=$" KEY_A ":" KEY_B), true },

	{ "10000001 iterations",
	  OCTETS("SCRAM-SHA-256$10000001:" SALT "$" KEY_A ":" KEY_B), false },
	{ "2^32 + 1 iterations",
	  OCTETS("SCRAM-SHA-256$4294967297:" SALT "$" KEY_A ":" KEY_B), false },
	{ "2^64 + 1 iterations",
	  OCTETS("SCRAM-SHA-256$18446744073709551617:" SALT "$" KEY_A ":" KEY_B), false },
	{ "no iterations", OCTETS("SCRAM-SHA-256$0:" SALT "$" KEY_A ":" KEY_B), false },
	{ "a leading zero", OCTETS("SCRAM-SHA-256$04096:" SALT "$" KEY_A ":" KEY_B), false },
	{ "no iteration count", OCTETS("SCRAM-SHA-256$:" SALT "$" KEY_A ":" KEY_B), false },
	{ "a negative count", OCTETS("SCRAM-SHA-256$-1:" SALT "$" KEY_A ":" KEY_B), false },
	{ "a count with a sign", OCTETS("SCRAM-SHA-256$+4096:" SALT "$" KEY_A ":" KEY_B), false },
	{ "a count in hexadecimal", OCTETS("SCRAM-SHA-256$0x1000:" SALT "$" KEY_A ":" KEY_B), false },
	{ "a space behind the count", OCTETS("SCRAM-SHA-256$4096 :" SALT "$" KEY_A ":" KEY_B), false },
	{ "a space before the salt", OCTETS("SCRAM-SHA-256$4096: " SALT "$" KEY_A ":" KEY_B), false },
	{ "a space between the keys", OCTETS("SCRAM-SHA-256$4096:" SALT "$" KEY_A ": " KEY_B), false },
	{ "a tab around a $", OCTETS("SCRAM-SHA-256\t$4096:" SALT "$" KEY_A ":" KEY_B), false },

	{ "the mechanism in small letters",
	  OCTETS("scram-sha-256$4096:" SALT "$" KEY_A ":" KEY_B), false },
	{ "the mechanism with -PLUS",
	  OCTETS("SCRAM-SHA-256-PLUS$4096:" SALT "$" KEY_A ":" KEY_B), false },
	{ "SCRAM-SHA-1", OCTETS("SCRAM-SHA-1$4096:" SALT "$" KEY_A ":" KEY_B), false },
	{ "SCRAM-SHA-512", OCTETS("SCRAM-SHA-512$4096:" SALT "$" KEY_A ":" KEY_B), false },
	{ "no mechanism", OCTETS("$4096:" SALT "$" KEY_A ":" KEY_B), false },
	{ "Dovecot's scheme in front", OCTETS("{SCRAM-SHA-256}" GOOD), false },

	{ "no salt", OCTETS("SCRAM-SHA-256$4096:$" KEY_A ":" KEY_B), false },
	{ "a salt of 129 octets",
	  OCTETS("SCRAM-SHA-256$4096:" SALT_64 SALT_64 "AAAA$" KEY_A ":" KEY_B), false },
	{ "a salt without padding",
	  OCTETS("SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ$" KEY_A ":" KEY_B), false },
	{ "a salt that is no base 64",
	  OCTETS("SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6g_==$" KEY_A ":" KEY_B), false },
	{ "a StoredKey of 31 octets",
	  OCTETS("SCRAM-SHA-256$4096:" SALT "$" KEY_31 ":" KEY_B), false },
	{ "a StoredKey of 33 octets",
	  OCTETS("SCRAM-SHA-256$4096:" SALT "$" KEY_33 ":" KEY_B), false },
	{ "a ServerKey of 31 octets",
	  OCTETS("SCRAM-SHA-256$4096:" SALT "$" KEY_A ":" KEY_31), false },
	{ "a ServerKey of 33 octets",
	  OCTETS("SCRAM-SHA-256$4096:" SALT "$" KEY_A ":" KEY_33), false },
	{ "no StoredKey", OCTETS("SCRAM-SHA-256$4096:" SALT "$:" KEY_B), false },
	{ "no ServerKey", OCTETS("SCRAM-SHA-256$4096:" SALT "$" KEY_A ":"), false },
	{ "a third key", OCTETS(GOOD ":" KEY_B), false },

	{ "no count and no colon", OCTETS("SCRAM-SHA-256$" SALT "$" KEY_A ":" KEY_B), false },
	{ "no second colon", OCTETS("SCRAM-SHA-256$4096:" SALT "$" KEY_A), false },
	{ "no second $", OCTETS("SCRAM-SHA-256$4096:" SALT), false },
	{ "no $ at all", OCTETS("SCRAM-SHA-256"), false },
	{ "a third $", OCTETS(GOOD "$"), false },
	{ "a $ first", OCTETS("$" GOOD), false },
	{ "nothing", OCTETS(""), false },
	{ "spaces alone", OCTETS("   "), false },
	{ "three of $ alone", OCTETS("$$$"), false },
	{ "nothing but separators", OCTETS("$:$:"), false },
	{ "a NUL behind it", OCTETS(GOOD "\0"), false },
	{ "a line behind it", OCTETS(GOOD "\nx"), false },
};

static void
test_forms(void)
{
	struct scram_verifier verifier;
	size_t i, length;
	bool cut = false;

	for (i = 0; i < COUNT(forms); i++)
		CHECK(scram_verifier_parse(&verifier, forms[i].text,
		    forms[i].length) == forms[i].taken, "RFC 5803: %s, %s",
		    forms[i].name, forms[i].taken ? "taken" :
		    "refused"); /* scram-5803-1 scram-5803-3 */
	for (length = 0; length < strlen(GOOD); length++)
		cut |= scram_verifier_parse(&verifier, GOOD, length);
	CHECK(!cut, "RFC 5803: cut anywhere, refused");

	CHECK(scram_verifier_parse(&verifier, GOOD, strlen(GOOD)) &&
	    verifier.salt.iterations == 4096 && verifier.salt.length == 16 &&
	    verifier.salt.octets[0] == 0x5b && verifier.salt.octets[15] == 0x81 &&
	    verifier.stored_key[0] == 0 && verifier.stored_key[31] == 31 &&
	    verifier.server_key[0] == 31 && verifier.server_key[31] == 0,
	    "RFC 5803: each part is found in its place");
}

static void
test_writing(void)
{
	struct scram_verifier verifier;
	char text[VERIFIER_SIZE];
	static const char largest[] = "SCRAM-SHA-256$10000000:"
	    SALT_64 SALT_64 "AAA=$" KEY_A ":" KEY_B;

	(void)scram_verifier_parse(&verifier, OCTETS(
	    " SCRAM-SHA-256 $ 4096:" SALT " $ " KEY_A ":" KEY_B " "));
	scram_verifier_text(&verifier, text);
	CHECK(strcmp(text, GOOD) == 0,
	    "written without the spaces"); /* scram-5803-1 */
	(void)scram_verifier_parse(&verifier, largest, strlen(largest));
	scram_verifier_text(&verifier, text);
	CHECK(strcmp(text, largest) == 0,
	    "the largest verifier is written whole");
}

/* Verifiers of the password "pencil", by the example and made elsewhere. */
static void
test_passwords(void)
{
	static const struct {
		const char *name;
		const char *password;
		size_t length;
		enum password_result result;
	} passwords[] = {
		{ "the right one", OCTETS("pencil"), PASSWORD_RIGHT },
		{ "another case", OCTETS("Pencil"), PASSWORD_WRONG },
		{ "one letter less", OCTETS("penci"), PASSWORD_WRONG },
		{ "one letter more", OCTETS("pencils"), PASSWORD_WRONG },
		{ "a NUL in it", OCTETS("pen\0cil"), PASSWORD_WRONG },
		{ "a space behind it", OCTETS("pencil "), PASSWORD_WRONG },
		{ "none", OCTETS(""), PASSWORD_WRONG },
	};
	struct scram_verifier verifier = { .salt.iterations = 4096 };
	char text[VERIFIER_SIZE];
	size_t i;

	(void)base64_decode(SALT, strlen(SALT), verifier.salt.octets,
	    sizeof verifier.salt.octets, &verifier.salt.length);
	scram_verifier_make(&verifier, "pencil", 6);
	scram_verifier_text(&verifier, text);
	for (i = 0; i < COUNT(passwords); i++)
		CHECK(password_check(text, passwords[i].password,
		    passwords[i].length) == passwords[i].result,
		    "SCRAM verifier, password: %s", passwords[i].name);
}

static void
test_odd_passwords(void)
{
	struct scram_verifier verifier = {
		.salt.iterations = 2, .salt.length = SALT_OCTETS
	};
	char password[600], text[VERIFIER_SIZE];

	memset(password, 'p', sizeof password);
	scram_verifier_make(&verifier, password, sizeof password);
	scram_verifier_text(&verifier, text);
	CHECK(password_check(text, password, sizeof password) ==
	    PASSWORD_RIGHT, "SCRAM verifier, a password of 600 octets");
	CHECK(password_check(text, password, sizeof password - 1) ==
	    PASSWORD_WRONG, "and one octet less");
	scram_verifier_make(&verifier, OCTETS("a\0b"));
	scram_verifier_text(&verifier, text);
	CHECK(password_check(text, OCTETS("a\0b")) == PASSWORD_RIGHT &&
	    password_check(text, OCTETS("a\0c")) == PASSWORD_WRONG &&
	    password_check(text, OCTETS("a")) == PASSWORD_WRONG,
	    "SCRAM verifier, a NUL in the password is an octet as any other");
	strcat(text, " \t\r\n");
	CHECK(password_check(text, OCTETS("a\0b")) == PASSWORD_RIGHT,
	    "white space behind the verifier does not matter");
}

static void
test_malformed(void)
{
	static const char *const verifiers[] = {
		"", " ", "\n", "x", "pencil", "*", "!", "{PLAIN}pencil",
		"{SHA256}AAAA", "SCRAM-SHA-256", "SCRAM-SHA-256$",
		"SCRAM-SHA-256$99999999:" SALT "$" KEY_A ":" KEY_B,
		"SCRAM-SHA-256$4096:" SALT "$" KEY_A ":" KEY_31,
		GOOD "\n" GOOD, "$", "$$", "$nonsense$salt$hash", "$\n",
		"abJnggxhB/yW", "abJnggxhB/yWIx", "ab!nggxhB/yWI"
	};
	char longest[VERIFIER_SIZE + 1];
	size_t i;

	for (i = 0; i < COUNT(verifiers); i++)
		CHECK(password_check(verifiers[i], "pencil", 6) ==
		    PASSWORD_MALFORMED, "malformed verifier: \"%s\"",
		    shown(verifiers[i], strlen(verifiers[i]))); /* scram-5803-3 */
	memset(longest, 'x', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	longest[0] = '$';
	CHECK(password_check(longest, "pencil", 6) == PASSWORD_MALFORMED,
	    "malformed verifier: one that is far too long");
}

/* Of the manual of PHP and of the text that specifies SHA-crypt; MD5 by openssl. */
static const struct {
	const char *name;
	const char *password;
	const char *verifier;
} crypts[] = {
	{ "DES", "rasmuslerdorf", "rl.3StKT.4T8M" },
	{ "MD5", "Hello world!", "$1$saltstri$YMyguxXMBpd2TEZ.vS/3q1" },
	{ "SHA-256", "Hello world!", "$5$saltstring"
	  "$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5" },
	{ "SHA-512", "Hello world!", "$6$saltstring"
	  "$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLi"
	  "BFdcbYEdFCoEOfaS35inz1" },
};

#ifdef WITHOUT_CRYPT
static void
test_crypt(void)
{
	size_t i;

	for (i = 0; i < COUNT(crypts); i++)
		CHECK(password_check(crypts[i].verifier, crypts[i].password,
		    strlen(crypts[i].password)) == PASSWORD_MALFORMED,
		    "crypt(3) with %s: libc has none", crypts[i].name);
}
#else
static void
test_crypt(void)
{
	char verifier[VERIFIER_SIZE], longest[PASSWORD_OCTETS_MAX + 1];
	size_t i;

	memset(longest, 'x', sizeof longest);
	for (i = 0; i < COUNT(crypts); i++) {
		const char *name = crypts[i].name;
		const char *right = crypts[i].password;
		size_t length = strlen(right);

		strcpy(verifier, crypts[i].verifier);
		CHECK(password_check(verifier, right, length) ==
		    PASSWORD_RIGHT, "crypt(3) with %s: right", name);
		CHECK(password_check(verifier, "Hello world?", 12) ==
		    PASSWORD_WRONG, "crypt(3) with %s: wrong", name);
		CHECK(password_check(verifier, "", 0) ==
		    PASSWORD_WRONG, "crypt(3) with %s: empty", name);
		CHECK(password_check(verifier, right, length + 1) ==
		    PASSWORD_WRONG, "crypt(3) with %s: a NUL behind it", name);
		CHECK(password_check(verifier, longest, sizeof longest) ==
		    PASSWORD_WRONG, "crypt(3) with %s: too long", name);
		strcat(verifier, "\r\n");
		CHECK(password_check(verifier, right, length) ==
		    PASSWORD_RIGHT, "crypt(3) with %s: a line end behind the "
		    "verifier", name);
	}
}
#endif

int
main(void)
{
	test_example();
	test_proofs_made();
	test_proofs_checked();
	test_keys_compared();
	test_reading_for_scram();
	test_forms();
	test_writing();
	test_passwords();
	test_odd_passwords();
	test_malformed();
	test_crypt();
	return check_end();
}
