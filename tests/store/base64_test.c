/*
 * Base 64: the vectors of RFC 4648 section 10 both ways, all octets, and what
 * is no canonical encoding.
 */
#include "store/base64.h"

#include "tests/lib/check.h"

/* RFC 4648 section 10, and octets of all kinds. */
static const struct {
	const char *octets;
	size_t length;
	const char *characters;
} vectors[] = {
	{ OCTETS(""), "" },
	{ OCTETS("f"), "Zg==" },
	{ OCTETS("fo"), "Zm8=" },
	{ OCTETS("foo"), "Zm9v" },
	{ OCTETS("foob"), "Zm9vYg==" },
	{ OCTETS("fooba"), "Zm9vYmE=" },
	{ OCTETS("foobar"), "Zm9vYmFy" },
	{ OCTETS("\0"), "AA==" },
	{ OCTETS("\0\0"), "AAA=" },
	{ OCTETS("\0\0\0"), "AAAA" },
	{ OCTETS("\xff"), "/w==" },
	{ OCTETS("\xff\xff"), "//8=" },
	{ OCTETS("\xff\xff\xff"), "////" },
	{ OCTETS("\xfb\xef\xbe"), "++++" },
};

static void
test_vectors(void)
{
	char characters[64], octets[64];
	struct text text;
	size_t i, length;

	for (i = 0; i < COUNT(vectors); i++) {
		const char *expected = vectors[i].characters;

		text_init(&text, characters, sizeof characters);
		base64_encode(&text, vectors[i].octets, vectors[i].length);
		CHECK(strcmp(characters, expected) == 0 && !text.cut,
		    "\"%s\" is encoded as \"%s\"",
		    shown(vectors[i].octets, vectors[i].length), expected);
		CHECK(text.length == BASE64_LENGTH(vectors[i].length),
		    "the length of \"%s\" is known before", expected);
		CHECK(base64_decode(expected, strlen(expected), octets,
		    vectors[i].length, &length) && same(octets, length,
		    vectors[i].octets, vectors[i].length),
		    "\"%s\" is decoded, with just so much room", expected);
	}
}

static void
test_round_trip(void)
{
	char octets[256], back[256], characters[BASE64_LENGTH(256) + 1];
	struct text text;
	size_t i, length, decoded;
	bool right = true;

	for (i = 0; i < sizeof octets; i++)
		octets[i] = (char)i;
	for (length = 0; length <= sizeof octets; length++) {
		text_init(&text, characters, sizeof characters);
		base64_encode(&text, octets, length);
		right &= base64_decode(characters, text.length, back,
		    sizeof back, &decoded) &&
		    same(octets, length, back, decoded);
	}
	CHECK(right, "octets of every value and length come back");
}

static void
test_cut(void)
{
	char characters[7];
	struct text text;

	text_init(&text, characters, sizeof characters);
	base64_encode(&text, "foobar", 6);
	CHECK(text.cut && strcmp(characters, "Zm9vYm") == 0,
	    "an encoding that does not fit is cut, and the text says so");
}

static const struct {
	const char *name;
	const char *characters;
	size_t length;
	size_t size;            /* the room for the octets */
} refused[] = {
	{ "one character", OCTETS("Z"), 64 },
	{ "two characters without padding", OCTETS("Zg"), 64 },
	{ "three characters without padding", OCTETS("Zm8"), 64 },
	{ "padding one short", OCTETS("Zg="), 64 },
	{ "a character behind whole groups", OCTETS("Zm9vY"), 64 },
	{ "padding one too long", OCTETS("Zm9v="), 64 },
	{ "three of padding", OCTETS("Z==="), 64 },
	{ "nothing but padding", OCTETS("===="), 64 },
	{ "a group of padding at the end", OCTETS("Zm9v===="), 64 },
	{ "padding inside a group", OCTETS("Zm=v"), 64 },
	{ "padding at the start", OCTETS("=m9v"), 64 },
	{ "padding before the last character", OCTETS("Zg=v"), 64 },
	{ "padding in a group that is not the last", OCTETS("Zg==Zg=="), 64 },
	{ "one of padding in the middle", OCTETS("Zm8=Zm8="), 64 },
	{ "bits after the end of one octet", OCTETS("Zh=="), 64 },
	{ "the highest bit after the end of one octet", OCTETS("Zo=="), 64 },
	{ "bits after the end of two octets", OCTETS("Zm9="), 64 },
	{ "the highest bit after the end of two octets", OCTETS("Zm+="), 64 },
	{ "a space", OCTETS("Zm9v Zm9v"), 64 },
	{ "a space in place of a character", OCTETS("Zm v"), 64 },
	{ "a line end", OCTETS("Zm9v\r\n"), 64 },
	{ "a line end of group length", OCTETS("Zm9vZm\r\n"), 64 },
	{ "a minus, as of base64url", OCTETS("--__"), 64 },
	{ "a comma", OCTETS("Zm9,"), 64 },
	{ "an asterisk", OCTETS("*m9v"), 64 },
	{ "an at sign", OCTETS("@AAA"), 64 },
	{ "a bracket", OCTETS("[AAA"), 64 },
	{ "a backquote", OCTETS("`AAA"), 64 },
	{ "a brace", OCTETS("{AAA"), 64 },
	{ "an octet over 0x7F", OCTETS("Zm9\xe9"), 64 },
	{ "a NUL in place of a character", OCTETS("Zm9\0"), 64 },
	{ "a NUL first", OCTETS("\0m9v"), 64 },
	{ "a NUL behind a character and padding", OCTETS("Z\0=="), 64 },
	{ "an octet more than there is room for", OCTETS("Zm9v"), 2 },
	{ "no room at all", OCTETS("Zg=="), 0 },
	{ "no room for the last of many", OCTETS("Zm9vYmFy"), 5 },
};

static void
test_refused(void)
{
	char octets[64];
	size_t i, length;

	for (i = 0; i < COUNT(refused); i++)
		CHECK(!base64_decode(refused[i].characters, refused[i].length,
		    octets, refused[i].size, &length),
		    "not decoded: %s", refused[i].name);
}

/* Of all groups of four only those are taken that encode to themselves. */
static void
test_canonical(void)
{
	static const char some[] = "AQgw/+=Bh\n";
	char group[4], octets[3], again[5];
	struct text text;
	size_t i, length;
	bool right = true;

	for (i = 0; i < 10 * 10 * 10 * 10; i++) {
		group[0] = some[i % 10];
		group[1] = some[i / 10 % 10];
		group[2] = some[i / 100 % 10];
		group[3] = some[i / 1000];
		if (!base64_decode(group, 4, octets, sizeof octets, &length))
			continue;
		text_init(&text, again, sizeof again);
		base64_encode(&text, octets, length);
		right &= memcmp(group, again, 4) == 0;
	}
	CHECK(right, "what is decoded has one encoding only");
}

int
main(void)
{
	test_vectors();
	test_round_trip();
	test_cut();
	test_refused();
	test_canonical();
	return check_end();
}
