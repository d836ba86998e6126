/* What is shown; see shown.h. */
#include "tests/fuzz/shown.h"

#include <ctype.h>
#include <string.h>

#include "store/utf8.h"
#include "tests/fuzz/target.h"

void
shown_check_text(const char *text, size_t length)
{
	size_t i;

	ORACLE(length == 0 || text[length - 1] == '\n', "half a line");
	ORACLE(utf8_is_valid(text, length), "no UTF-8");
	ORACLE(!utf8_has_controls(text, length), "a C1 control");
	for (i = 0; i < length; i++)
		ORACLE(((unsigned char)text[i] >= 0x20 && text[i] != 0x7f) ||
		    text[i] == '\n' || text[i] == '\t', "octet %02x at %zu",
		    (unsigned char)text[i], i);
}

/* What is still to be read of a line. */
struct json {
	const char *at;
	unsigned depth;
};

static void take_value(struct json *json);

static void
take_octet(struct json *json, char octet)
{
	ORACLE(*json->at == octet, "no %c at %.40s", octet, json->at);
	json->at++;
}

/* A string, with surrogates in pairs. */
static void
take_string(struct json *json)
{
	unsigned high = 0;

	take_octet(json, '"');
	while (*json->at != '"') {
		unsigned unit = 0, i;

		ORACLE(*json->at != '\0' && *json->at != '\n' &&
		    *json->at != '\t', "octet %02x", (unsigned char)*json->at);
		if (*json->at++ == '\\') {
			char escaped = *json->at++;

			ORACLE(escaped != '\0' &&
			    strchr("\"\\/bfnrtu", escaped) != NULL,
			    "\\%c", escaped);
			for (i = 0; escaped == 'u' && i < 4; i++) {
				char digit = *json->at++;

				ORACLE(isxdigit((unsigned char)digit), "%c",
				    digit);
				unit = unit * 16 + (unsigned)(isdigit(
				    (unsigned char)digit) ? digit - '0' :
				    (digit | 0x20) - 'a' + 10);
			}
		}
		ORACLE((high != 0) == (unit >= 0xdc00 && unit <= 0xdfff),
		    "half a character before %.20s", json->at);
		high = unit >= 0xd800 && unit <= 0xdbff ? unit : 0;
	}
	ORACLE(high == 0, "half a character");
	json->at++;
}

/* Members of an object, or elements of an array, up to its end. */
static void
take_list(struct json *json, char end)
{
	json->at++;
	ORACLE(++json->depth < 10, "too deep");
	while (*json->at != end) {
		if (end == '}') {
			take_string(json);
			take_octet(json, ':');
		}
		take_value(json);
		if (*json->at != end) {
			take_octet(json, ',');
			ORACLE(*json->at != end, "a comma before the end");
		}
	}
	json->depth--;
	json->at++;
}

static void
take_value(struct json *json)
{
	static const char *const words[] = { "true", "false", "null" };
	size_t i;

	if (*json->at == '"') {
		take_string(json);
		return;
	}
	if (*json->at == '{' || *json->at == '[') {
		take_list(json, *json->at == '{' ? '}' : ']');
		return;
	}
	for (i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strncmp(json->at, words[i], strlen(words[i])) == 0) {
			json->at += strlen(words[i]);
			return;
		}
	ORACLE(isdigit((unsigned char)*json->at), "no value: %.40s", json->at);
	while (isdigit((unsigned char)*json->at))
		json->at++;
}

void
shown_check_json(const char *text, size_t length)
{
	struct json json = { text, 0 };

	shown_check_text(text, length);
	while (json.at < text + length) {
		ORACLE(*json.at == '{', "no object: %.40s", json.at);
		take_value(&json);
		take_octet(&json, '\n');
	}
	ORACLE(json.at == text + length, "a NUL in it");
}
