/* xtext (RFC 3461 section 4): both ways, and what is none. */
#include "smtp-stdio/xtext.h"

#include "tests/lib/check.h"

static const struct {
	const char *text, *xtext;
} both_ways[] = {
	{ "", "" },
	{ "bob@example.org", "bob@example.org" },
	{ "a+b", "a+2Bb" },
	{ "a=b", "a+3Db" },
	{ "\"a b\"@example.org", "\"a+20b\"@example.org" },
	{ "+=", "+2B+3D" },
	{ "\xc3\xa9", "+C3+A9" },
	{ "!~", "!~" },
};

static const struct {
	const char *name, *xtext;
	size_t size;
} faults[] = {
	{ "a + at the end", "a+", 100 },
	{ "one digit", "a+2", 100 },
	{ "lower case", "a+2b", 100 },
	{ "no digits", "a+GG", 100 },
	{ "a blank", "a b", 100 },
	{ "a =", "a=b", 100 },
	{ "eight bits", "\xc3\xa9", 100 },
	{ "a NUL in it", "a+00", 100 },
	{ "a line end in it", "a+0D+0A", 100 },
	{ "DEL in it", "a+7F", 100 },
	{ "one octet more than there is room for", "abcd", 4 },
	{ "one more when decoded", "abc+41", 4 },
};

static bool
decode(const char *xtext, size_t size, char decoded[100])
{
	memset(decoded, '#', 100);
	return xtext_decode(xtext, strlen(xtext), decoded, size);
}

int
main(void)
{
	char decoded[100], encoded[100];
	struct text text;
	size_t i;

	for (i = 0; i < COUNT(both_ways); i++) {
		text_init(&text, encoded, sizeof encoded);
		xtext_encode(&text, both_ways[i].text);
		CHECK(strcmp(encoded, both_ways[i].xtext) == 0,
		    "%s is written", both_ways[i].xtext);
		CHECK(decode(both_ways[i].xtext, sizeof decoded, decoded) &&
		    strcmp(decoded, both_ways[i].text) == 0, "%s is read",
		    both_ways[i].xtext);
	}
	for (i = 0; i < COUNT(faults); i++) {
		CHECK(!decode(faults[i].xtext, faults[i].size, decoded),
		    "%s is refused", faults[i].name);
		CHECK(faults[i].size == sizeof decoded ||
		    decoded[faults[i].size] == '#',
		    "%s: nothing behind the room for it", faults[i].name);
	}
	CHECK(decode("abc", 4, decoded) && strcmp(decoded, "abc") == 0,
	    "what just fits");
	return check_end();
}
