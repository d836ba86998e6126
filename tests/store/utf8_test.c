/* UTF-8 (RFC 3629): each kind of sequence, and each way to be none. */
#include "store/utf8.h"

#include "tests/lib/check.h"

static const struct {
	const char *name;
	const char *text;
	size_t length;
	bool valid;
} cases[] = {
	{ "nothing", OCTETS(""), true },
	{ "ASCII", OCTETS("bob@example.org"), true },
	{ "control characters of ASCII, a NUL too", OCTETS("\0\t\r\n\x7f"), true },
	{ "two octets: e with acute", OCTETS("Ren\xc3\xa9"), true },
	{ "three octets: the euro sign", OCTETS("\xe2\x82\xac"), true },
	{ "four octets: an emoji", OCTETS("\xf0\x9f\x93\xa7"), true },
	{ "one behind the other", OCTETS("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x93\xa7z"), true },
	{ "RFC 3629 section 7: Korean", OCTETS("\xed\x95\x9c\xea\xb5\xad\xec\x96\xb4"), true },
	{ "RFC 3629 section 7: BOM and a rare character", OCTETS("\xef\xbb\xbf\xf0\xa3\x8e\xb4"), true },

	{ "U+0080, a C1 control", OCTETS("\xc2\x80"), true },
	{ "U+0085, next line", OCTETS("a\xc2\x85" "b"), true },
	{ "U+009F, the last C1 control", OCTETS("\xc2\x9f"), true },
	{ "U+00A0, the first after the C1 controls", OCTETS("\xc2\xa0"), true },
	{ "U+07FF, the last of two octets", OCTETS("\xdf\xbf"), true },
	{ "U+0800, the first of three", OCTETS("\xe0\xa0\x80"), true },
	{ "U+D7FF, the last before the surrogates", OCTETS("\xed\x9f\xbf"), true },
	{ "U+E000, the first after them", OCTETS("\xee\x80\x80"), true },
	{ "U+FFFF, the last of three octets", OCTETS("\xef\xbf\xbf"), true },
	{ "U+10000, the first of four", OCTETS("\xf0\x90\x80\x80"), true },
	{ "U+10FFFF, the last of all", OCTETS("\xf4\x8f\xbf\xbf"), true },

	{ "a byte that only continues", OCTETS("\x80"), false },
	{ "the last one of those", OCTETS("\xbf"), false },
	{ "one more continuation than announced", OCTETS("\xc3\xa9\xa9"), false },
	{ "Latin-1", OCTETS("Ren\xe9"), false },
	{ "Latin-1 before ASCII", OCTETS("\xe9t\xe9"), false },
	{ "two octets cut to one", OCTETS("a\xc3"), false },
	{ "three octets cut to two", OCTETS("\xe2\x82"), false },
	{ "three octets cut to one", OCTETS("\xe2"), false },
	{ "four octets cut to three", OCTETS("\xf0\x9f\x93"), false },
	{ "three octets with the last replaced", OCTETS("\xe2\x82" "a"), false },
	{ "three octets with the middle replaced", OCTETS("\xe2" "a\xac"), false },
	{ "four octets with a start inside", OCTETS("\xf0\x9f\xc3\xa9"), false },
	{ "overlong slash in two octets", OCTETS("\xc0\xaf"), false },
	{ "overlong NUL in two octets", OCTETS("\xc0\x80"), false },
	{ "overlong U+007F in two octets", OCTETS("\xc1\xbf"), false },
	{ "overlong slash in three octets", OCTETS("\xe0\x80\xaf"), false },
	{ "overlong U+07FF in three octets", OCTETS("\xe0\x9f\xbf"), false },
	{ "overlong slash in four octets", OCTETS("\xf0\x80\x80\xaf"), false },
	{ "overlong U+FFFF in four octets", OCTETS("\xf0\x8f\xbf\xbf"), false },
	{ "the first surrogate", OCTETS("\xed\xa0\x80"), false },
	{ "the last surrogate", OCTETS("\xed\xbf\xbf"), false },
	{ "a pair of surrogates", OCTETS("\xed\xa1\x8c\xed\xbe\xb4"), false },
	{ "U+110000", OCTETS("\xf4\x90\x80\x80"), false },
	{ "a start octet past U+10FFFF", OCTETS("\xf5\x80\x80\x80"), false },
	{ "five octets", OCTETS("\xf8\x88\x80\x80\x80"), false },
	{ "six octets", OCTETS("\xfc\x84\x80\x80\x80\x80"), false },
	{ "0xFE", OCTETS("\xfe"), false },
	{ "0xFF", OCTETS("\xff"), false },
};

/* Writes the sequence of a code point; returns its length. */
static size_t
encode(unsigned point, char text[4])
{
	if (point < 0x80) {
		text[0] = (char)point;
		return 1;
	}
	if (point < 0x800) {
		text[0] = (char)(0xc0 | point >> 6);
		text[1] = (char)(0x80 | (point & 0x3f));
		return 2;
	}
	if (point < 0x10000) {
		text[0] = (char)(0xe0 | point >> 12);
		text[1] = (char)(0x80 | (point >> 6 & 0x3f));
		text[2] = (char)(0x80 | (point & 0x3f));
		return 3;
	}
	text[0] = (char)(0xf0 | point >> 18);
	text[1] = (char)(0x80 | (point >> 12 & 0x3f));
	text[2] = (char)(0x80 | (point >> 6 & 0x3f));
	text[3] = (char)(0x80 | (point & 0x3f));
	return 4;
}

static void
test_every_point(void)
{
	bool right = true, controls = true, cut = false;
	unsigned point;
	char text[4];

	for (point = 0; point < 0x110000; point++) {
		size_t length = encode(point, text), n;
		bool valid = !(point >= 0xd800 && point < 0xe000);

		right &= utf8_is_valid(text, length) == valid;
		controls &= utf8_has_controls(text, length) ==
		    (point >= 0x80 && point < 0xa0);
		for (n = 1; n < length; n++)
			cut |= utf8_is_valid(text, n);
	}
	CHECK(right, "every code point but surrogates is valid");
	CHECK(controls, "C1 controls, and no others, are controls");
	CHECK(utf8_has_controls("ab\xc3\xa9\xc2\x85", 6) &&
	    !utf8_has_controls("ab\xc3\xa9\xc2", 5),
	    "so they are behind other text");
	CHECK(!cut, "none is when its last octets are missing");
}

int
main(void)
{
	size_t i;

	for (i = 0; i < COUNT(cases); i++)
		CHECK(utf8_is_valid(cases[i].text, cases[i].length) ==
		    cases[i].valid, "%s: %s",
		    cases[i].valid ? "well-formed" : "not well-formed",
		    cases[i].name);
	test_every_point();
	return check_end();
}
