/* JSON; see json.h. */
#include "store/json.h"

#include <stdint.h>

#include "store/utf8.h"

/*
 * char = unescaped / escape ( %x22 / %x5C / %x75 4HEXDIG ), RFC 8259 section 7;
 * the shorter escapes are for those who write by hand.
 */
static void
print_point(FILE *file, uint32_t point, const char *octets, size_t length)
{
	if (point < 0x20 || (point >= 0x7f && point < 0xa0)) {
		fprintf(file, "\\u%04x", (unsigned)point);
		return;
	}
	if (point == '"' || point == '\\')
		putc('\\', file);
	fwrite(octets, 1, length, file);
}

void
json_print_characters(FILE *file, const char *string, size_t length)
{
	while (length > 0) {
		size_t octets = utf8_sequence(string, length);
		uint32_t point;

		if (octets == 0) {
			fputs("\xef\xbf\xbd", file);
			octets = 1;
		} else {
			(void)utf8_take(string, &point);
			print_point(file, point, string, octets);
		}
		string += octets;
		length -= octets;
	}
}

void
json_print_string(FILE *file, const char *string, size_t length)
{
	putc('"', file);
	json_print_characters(file, string, length);
	putc('"', file);
}
