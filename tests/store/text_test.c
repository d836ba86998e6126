/* Bounded text, decimal numbers, sizes, and letters of either case. */
#include "store/text.h"

#include "tests/lib/check.h"

static void
test_building(void)
{
	char buffer[32];
	struct text text;

	text_init(&text, buffer, sizeof buffer);
	CHECK(text.length == 0 && buffer[0] == '\0' && !text.cut,
	    "a new text is empty");
	text_add(&text, "ab");
	text_add_octet(&text, 'c');
	text_add_octets(&text, "d\0e", 3);
	text_add_number(&text, 1002003);
	text_add_two_digits(&text, 0);
	text_add_two_digits(&text, 9);
	text_add_two_digits(&text, 10);
	text_add_two_digits(&text, 59);
	CHECK(same(buffer, text.length, OCTETS("abcd\0e100200300091059")),
	    "pieces of every kind stand one behind the other");
	CHECK(buffer[text.length] == '\0' && !text.cut, "a NUL ends them");
}

/* A buffer of each size, with an octet behind it that must not change. */
static void
test_cutting(void)
{
	static const char whole[] = "abc4567d";
	char buffer[16];
	struct text text;
	size_t size;
	bool right = true;

	for (size = 1; size < sizeof buffer; size++) {
		size_t kept = size - 1 < 8 ? size - 1 : 8;

		memset(buffer, '~', sizeof buffer);
		text_init(&text, buffer, size);
		text_add(&text, "abc");
		text_add_number(&text, 4567);
		text_add_octet(&text, 'd');
		right &= text.length == kept && text.cut == (kept < 8) &&
		    memcmp(buffer, whole, kept) == 0 &&
		    buffer[kept] == '\0' && buffer[size] == '~';
	}
	CHECK(right, "what does not fit is left out, and the text says so");

	text_init(&text, buffer, 4);
	text_add(&text, "abcd");
	text_add(&text, "");
	CHECK(text.cut, "a text that was cut once stays so");
	text_init(&text, buffer, 4);
	CHECK(!text.cut && buffer[0] == '\0', "and begins anew as another");
}

static const struct {
	uint64_t number;
	const char *digits;
} written[] = {
	{ 0, "0" }, { 7, "7" }, { 10, "10" }, { 1234567890, "1234567890" },
	{ UINT32_MAX, "4294967295" }, { INT64_MAX, "9223372036854775807" },
	{ UINT64_MAX, "18446744073709551615" },
};

static void
test_writing_numbers(void)
{
	char buffer[TEXT_NUMBER_SIZE];
	struct text text;
	uint64_t number;
	size_t i;

	for (i = 0; i < COUNT(written); i++) {
		text_init(&text, buffer, sizeof buffer);
		text_add_number(&text, written[i].number);
		CHECK(strcmp(buffer, written[i].digits) == 0 && !text.cut,
		    "%s is written", written[i].digits);
		CHECK(text_to_number(buffer, text.length, &number) &&
		    number == written[i].number, "%s is read",
		    written[i].digits);
	}
}

static const struct {
	const char *digits;
	size_t length;
	bool is_number;
	uint64_t number;
} numbers[] = {
	{ OCTETS("00000000000000000000000000042"), true, 42 },
	{ OCTETS("18446744073709551614"), true, UINT64_MAX - 1 },
	{ OCTETS("18446744073709551616"), true, UINT64_MAX },
	{ OCTETS("18446744073709551620"), true, UINT64_MAX },
	{ OCTETS("99999999999999999999"), true, UINT64_MAX },
	{ OCTETS("184467440737095516150"), true, UINT64_MAX },
	{ OCTETS("368934881474191032320"), true, UINT64_MAX },
	{ OCTETS("100000000000000000000000000000000001"), true, UINT64_MAX },
	{ OCTETS(""), false, 0 },
	{ OCTETS("-1"), false, 0 },
	{ OCTETS("+1"), false, 0 },
	{ OCTETS(" 1"), false, 0 },
	{ OCTETS("1 "), false, 0 },
	{ OCTETS("1a"), false, 0 },
	{ OCTETS("0x10"), false, 0 },
	{ OCTETS("1.0"), false, 0 },
	{ OCTETS("1e3"), false, 0 },
	{ OCTETS("1\0"), false, 0 },
	{ OCTETS("\0"), false, 0 },
	{ OCTETS("1/"), false, 0 },
	{ OCTETS("1:"), false, 0 },
	{ OCTETS("\xd9\xa3"), false, 0 },
	{ OCTETS("99999999999999999999x"), false, 0 },
};

static void
test_reading_numbers(void)
{
	uint64_t number;
	size_t i;

	for (i = 0; i < COUNT(numbers); i++) {
		bool is_number;

		number = 0;
		is_number = text_to_number(numbers[i].digits, numbers[i].length,
		    &number);
		CHECK(is_number == numbers[i].is_number &&
		    (!is_number || number == numbers[i].number), "\"%s\" is %s",
		    shown(numbers[i].digits, numbers[i].length),
		    !numbers[i].is_number ? "no number" :
		    numbers[i].number == UINT64_MAX ? "more than any number" :
		    "a number");
	}
	CHECK(text_to_number("12ab", 2, &number) && number == 12,
	    "nothing behind the length is looked at");
}

static const struct {
	const char *text;
	bool taken;
	uint64_t octets;
} sizes[] = {
	{ "0", true, 0 }, { "1", true, 1 }, { "1024", true, 1024 },
	{ "1k", true, 1024 }, { "1K", true, 1024 }, { "50m", true, 52428800 },
	{ "50M", true, 52428800 }, { "2g", true, 2147483648 },
	{ "2G", true, 2147483648 }, { "007k", true, 7168 }, { "0g", true, 0 },
	{ "9223372036854775807", true, INT64_MAX },
	{ "9223372036854775808", false, 0 },
	{ "18446744073709551616", false, 0 },
	{ "9007199254740991k", true, 9223372036854774784 },
	{ "9007199254740992k", false, 0 },
	{ "8796093022207m", true, 9223372036853727232 },
	{ "8796093022208m", false, 0 },
	{ "8589934591g", true, 9223372035781033984 },
	{ "8589934592g", false, 0 },
	{ "99999999999999999999g", false, 0 },
	{ "", false, 0 }, { "k", false, 0 }, { "m", false, 0 },
	{ "1kk", false, 0 }, { "1k1", false, 0 }, { "1km", false, 0 },
	{ "1kb", false, 0 }, { "1t", false, 0 }, { "1 k", false, 0 },
	{ " 1", false, 0 }, { "1 ", false, 0 }, { "-1", false, 0 },
	{ "+1", false, 0 }, { "1.5m", false, 0 }, { "0x10", false, 0 },
	{ "1e6", false, 0 }, { "many", false, 0 },
};

static void
test_sizes(void)
{
	uint64_t octets;
	size_t i;

	for (i = 0; i < COUNT(sizes); i++) {
		bool taken;

		octets = 0;
		taken = text_to_size(sizes[i].text, &octets);
		CHECK(taken == sizes[i].taken &&
		    (!taken || octets == sizes[i].octets), "\"%s\" is %s",
		    sizes[i].text, sizes[i].taken ? "a size" : "no size");
	}
}

static void
test_case(void)
{
	int octet;
	bool right = true, controls = true;

	for (octet = 0; octet < 256; octet++) {
		int folded = octet >= 0x41 && octet <= 0x5a ? octet + 32 : octet;

		right &= text_fold((char)octet) == (char)folded;
		controls &= text_is_control((char)octet) ==
		    (octet < 0x20 || octet == 0x7f);
	}
	CHECK(right, "A to Z are folded, and no other octet");
	CHECK(controls, "0x00 to 0x1F and 0x7F are control characters");
	CHECK(text_equal_folded("MaiL", 4, "mAIl", 4), "MaiL is mAIl");
	CHECK(text_equal_folded("", 0, "", 0), "nothing is nothing");
	CHECK(!text_equal_folded("mail", 4, "mai", 3), "mail is not mai");
	CHECK(!text_equal_folded("mail", 4, "mailx", 5), "mail is not mailx");
	CHECK(!text_equal_folded("[", 1, "{", 1), "[ is not {");
	CHECK(!text_equal_folded("@", 1, "`", 1), "@ is not `");
	CHECK(!text_equal_folded("\xc3\x89", 2, "\xc3\xa9", 2),
	    "letters beyond ASCII are not folded");
	CHECK(!text_equal_folded("a\0b", 3, "a\0c", 3),
	    "a NUL ends no comparison");
}

static void
test_hexadecimal(void)
{
	char buffer[8];
	struct text text;

	text_init(&text, buffer, sizeof buffer);
	text_add_hexadecimal(&text, "\x00\x1f\xf9\xab", 3);
	CHECK(strcmp(buffer, "001ff9") == 0 && !text.cut,
	    "octets are two hexadecimal digits each");
	text_add_hexadecimal(&text, "\xab", 1);
	CHECK(strcmp(buffer, "001ff9a") == 0 && text.cut,
	    "and are cut as all else");
}

/* In two pieces, parted at each place. */
static void
test_taking_out_cr(void)
{
	static const char text[] = "a\r\nb\r\r\n\rc\n\r";
	bool right = true, cr;
	size_t at;

	for (at = 0; at < sizeof text; at++) {
		char out[2 * sizeof text];
		size_t used;

		cr = false;
		used = text_take_out_cr(text, at, out, &cr);
		used += text_take_out_cr(text + at, sizeof text - 1 - at,
		    out + used, &cr);
		right &= same(out, used, OCTETS("a\nb\r\n\rc\n")) && cr;
	}
	CHECK(right, "a CR goes where an LF follows it, and waits at the end");
}

int
main(void)
{
	test_building();
	test_cutting();
	test_writing_numbers();
	test_reading_numbers();
	test_sizes();
	test_case();
	test_hexadecimal();
	test_taking_out_cr();
	return check_end();
}
