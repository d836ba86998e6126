/* JSON strings (RFC 8259 section 7), of whatever octets. */
#include "store/json.h"

#include "tests/lib/check.h"

static const struct {
	const char *name;
	const char *string;
	size_t length;
	const char *json;
} cases[] = {
	{ "nothing", OCTETS(""), "\"\"" },
	{ "ASCII", OCTETS("bob@example.org /~"), "\"bob@example.org /~\"" },
	{ "quotes and backslashes", OCTETS("\"a\\b\""),
	    "\"\\\"a\\\\b\\\"\"" },
	{ "controls", OCTETS("a\r\n\tb\x1f"),
	    "\"a\\u000d\\u000a\\u0009b\\u001f\"" },
	{ "a NUL", OCTETS("a\0b"), "\"a\\u0000b\"" },
	{ "DEL", OCTETS("\x7f"), "\"\\u007f\"" },
	{ "a C1 control", OCTETS("\xc2\x9b" "31m"), "\"\\u009b31m\"" },
	{ "UTF-8", OCTETS("Ren\xc3\xa9 \xe2\x82\xac \xf0\x9f\x93\xa7"),
	    "\"Ren\xc3\xa9 \xe2\x82\xac \xf0\x9f\x93\xa7\"" },
	{ "Latin-1", OCTETS("Ren\xe9!"), "\"Ren\xef\xbf\xbd!\"" },
	{ "UTF-8 that is cut", OCTETS("a\xe2\x82"),
	    "\"a\xef\xbf\xbd\xef\xbf\xbd\"" },
	{ "a surrogate", OCTETS("\xed\xa0\x80"),
	    "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
	{ "an overlong quote", OCTETS("\xc0\xa2" "a"),
	    "\"\xef\xbf\xbd\xef\xbf\xbd" "a\"" },
};

int
main(void)
{
	size_t i;

	for (i = 0; i < COUNT(cases); i++) {
		char got[200];
		FILE *file = tmpfile();
		size_t length;

		must(file != NULL, "no temporary file");
		json_print_string(file, cases[i].string, cases[i].length);
		rewind(file);
		length = fread(got, 1, sizeof got, file);
		fclose(file);
		CHECK(same(got, length, cases[i].json, strlen(cases[i].json)),
		    "%s: %s", cases[i].name, shown(got, length));
	}
	return check_end();
}
