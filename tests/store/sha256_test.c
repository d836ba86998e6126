/*
 * SHA-256, HMAC and PBKDF2 with the vectors that are published for them, and
 * the same text in pieces of every size.
 */
#include "store/sha256.h"

#include "tests/lib/check.h"

/* Whether a digest is the one in hexadecimal. */
static bool
digest_is(const unsigned char digest[SHA256_OCTETS], const char *expected)
{
	char text[2 * SHA256_OCTETS + 1];
	size_t i;

	for (i = 0; i < SHA256_OCTETS; i++)
		(void)sprintf(text + 2 * i, "%02x", digest[i]);
	return strcmp(text, expected) == 0;
}

/* FIPS 180-4, as in NIST's examples of it. */
static const struct {
	const char *text;
	const char *digest;
} hashes[] = {
	{ "",
	  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ "abc",
	  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
	{ "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
	  "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
	  "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1" },
};

static void
test_hashes(void)
{
	unsigned char digest[SHA256_OCTETS];
	size_t i;

	for (i = 0; i < COUNT(hashes); i++) {
		sha256_of(hashes[i].text, strlen(hashes[i].text), digest);
		CHECK(digest_is(digest, hashes[i].digest),
		    "the hash of %zu octets", strlen(hashes[i].text));
	}
}

static void
test_million(void)
{
	static char text[1000];
	unsigned char digest[SHA256_OCTETS];
	struct sha256 sha256;
	unsigned i;

	memset(text, 'a', sizeof text);
	sha256_init(&sha256);
	for (i = 0; i < 1000; i++)
		sha256_add(&sha256, text, sizeof text);
	sha256_end(&sha256, digest);
	CHECK(digest_is(digest,
	    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
	    "the hash of a million times the letter a");
}

/*
 * Each length around the borders of a block, where the padding changes form:
 * added as a whole, in two pieces cut at each place, and octet by octet.
 */
static void
test_pieces(void)
{
	unsigned char whole[SHA256_OCTETS], pieces[SHA256_OCTETS];
	char text[3 * SHA256_BLOCK_OCTETS];
	struct sha256 sha256;
	size_t length, cut;
	bool right = true;

	for (length = 0; length < sizeof text; length++)
		text[length] = (char)(length * 7 + 1);
	for (length = 0; length <= sizeof text; length++) {
		sha256_of(text, length, whole);
		for (cut = 0; cut <= length; cut++) {
			sha256_init(&sha256);
			sha256_add(&sha256, text, cut);
			sha256_add(&sha256, text + cut, length - cut);
			sha256_end(&sha256, pieces);
			right &= memcmp(whole, pieces, sizeof whole) == 0;
		}
		sha256_init(&sha256);
		for (cut = 0; cut < length; cut++)
			sha256_add(&sha256, text + cut, 1);
		sha256_end(&sha256, pieces);
		right &= memcmp(whole, pieces, sizeof whole) == 0;
	}
	CHECK(right, "the hash does not depend on the pieces that text comes in");
}

/*
 * Lengths at the borders of a block, each hashed over the hash of the one
 * before; the result was made with another implementation.
 */
static void
test_borders(void)
{
	static const size_t lengths[] = {
		1, 55, 56, 57, 63, 64, 65, 119, 120, 127, 128, 129
	};
	unsigned char digest[SHA256_OCTETS] = { 0 };
	char text[129];
	struct sha256 sha256;
	size_t i;

	memset(text, 'x', sizeof text);
	for (i = 0; i < COUNT(lengths); i++) {
		sha256_init(&sha256);
		sha256_add(&sha256, text, lengths[i]);
		sha256_add(&sha256, digest, i == 0 ? 0 : sizeof digest);
		sha256_end(&sha256, digest);
	}
	CHECK(digest_is(digest, 
	    "e1894285a86bd1920374dd8f03c88ef1ee4181c866b911c30030b0206c62a295"),
	    "hashes of lengths at the borders of a block");
}

/* RFC 4231 sections 4.2 to 4.8; repeat: an octet so many times. */
static const struct {
	const char *name;
	const char *key;
	size_t key_repeat;              /* 0: key is as it stands */
	const char *text;
	size_t text_repeat;
	const char *digest;
} hmacs[] = {
	{ "RFC 4231 case 1", "\x0b", 20, "Hi There", 0,
	  "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
	{ "RFC 4231 case 2, a short key", "Jefe", 0, "what do ya want for nothing?", 0,
	  "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
	{ "RFC 4231 case 3", "\xaa", 20, "\xdd", 50,
	  "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe" },
	{ "RFC 4231 case 4", "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d"
	  "\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19", 0, "\xcd", 50,
	  "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b" },
	{ "RFC 4231 case 5, of which 128 bits are printed there", "\x0c", 20,
	  "Test With Truncation", 0,
	  "a3b6167473100ee06e0c796c2955552bfa6f7c0a6a8aef8b93f860aab0cd20c5" },
	{ "RFC 4231 case 6, a key longer than a block", "\xaa", 131,
	  "Test Using Larger Than Block-Size Key - Hash Key First", 0,
	  "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54" },
	{ "RFC 4231 case 7, key and text longer than a block", "\xaa", 131,
	  "This is a test using a larger than block-size key and a larger than "
	  "block-size data. The key needs to be hashed before being used by the "
	  "HMAC algorithm.", 0,
	  "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2" },

	/* not of the RFC: made with another implementation */
	{ "a key of just one block", "k", 64, "Hi There", 0,
	  "5869e1671d6aa2838f1028b78343e7ee54efe2c036d66bdb25451fcd74beca6e" },
	{ "a key of a block and an octet", "k", 65, "Hi There", 0,
	  "a64d953034c2c752115ac1fec7be993fa739388556f1dc64cf82582f8d7d251c" },
};

/* Puts text, or its one octet repeated, into room; returns the length. */
static size_t
spread(char room[256], const char *text, size_t repeat)
{
	if (repeat > 0) {
		memset(room, text[0], repeat);
		return repeat;
	}
	strcpy(room, text);
	return strlen(text);
}

static void
test_hmac(void)
{
	unsigned char digest[SHA256_OCTETS];
	char key[256], text[256];
	size_t i, key_length, text_length;

	for (i = 0; i < COUNT(hmacs); i++) {
		key_length = spread(key, hmacs[i].key, hmacs[i].key_repeat);
		text_length = spread(text, hmacs[i].text, hmacs[i].text_repeat);
		hmac_sha256(key, key_length, text, text_length, digest);
		CHECK(digest_is(digest, hmacs[i].digest),
		    "HMAC: %s", hmacs[i].name);
	}
	hmac_sha256("", 0, "", 0, digest);
	CHECK(digest_is(digest,
	    "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"),
	    "HMAC: no key and no text");
}

/*
 * RFC 7914 section 11 and, for the rest, the inputs of RFC 6070 with the
 * results that are well known for SHA-256.
 */
static const struct {
	const char *password;
	size_t password_length;
	const char *salt;
	size_t salt_length;
	uint32_t iterations;
	const char *key;
} derivations[] = {
	{ OCTETS("passwd"), OCTETS("salt"), 1,
	  "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc" },
	{ OCTETS("Password"), OCTETS("NaCl"), 80000,
	  "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56" },
	{ OCTETS("password"), OCTETS("salt"), 1,
	  "120fb6cffcf8b32c43e7225256c4f837a86548c92ccc35480805987cb70be17b" },
	{ OCTETS("password"), OCTETS("salt"), 2,
	  "ae4d0c95af6b46d32d0adff928f06dd02a303f8ef3c251dfd6e2d85a95474c43" },
	{ OCTETS("password"), OCTETS("salt"), 4096,
	  "c5e478d59288c841aa530db6845c4c8d962893a001ce4e11a4963873aa98134a" },
	{ OCTETS("passwordPASSWORDpassword"),
	  OCTETS("saltSALTsaltSALTsaltSALTsaltSALTsalt"), 4096,
	  "348c89dbcbd32b2f32d814b8116e84cf2b17347ebc1800181c4e2a1fb8dd53e1" },
	{ OCTETS("pass\0word"), OCTETS("sa\0lt"), 4096,
	  "89b69d0516f829893c696226650a86878c029ac13ee276509d5ae58b6466a724" },
};

static void
test_pbkdf2(void)
{
	unsigned char key[SHA256_OCTETS];
	size_t i;

	for (i = 0; i < COUNT(derivations); i++) {
		pbkdf2_sha256(derivations[i].password,
		    derivations[i].password_length, derivations[i].salt,
		    derivations[i].salt_length, derivations[i].iterations, key);
		CHECK(digest_is(key, derivations[i].key),
		    "PBKDF2: %s, %u iterations",
		    shown(derivations[i].password, derivations[i].password_length),
		    (unsigned)derivations[i].iterations);
	}
}

int
main(void)
{
	test_hashes();
	test_million();
	test_pieces();
	test_borders();
	test_hmac();
	test_pbkdf2();
	return check_end();
}
