/* Columns; see columns.h. */
#include "pop3-stdio/columns.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "stdio/failure.h"
#include "store/text.h"
#include "store/utf8.h"

#define COLUMNS_DEFAULT 80

size_t
columns_of_output(void)
{
	const char *given = getenv("COLUMNS");
	struct winsize size;
	uint64_t number;

	if (isatty(STDOUT_FILENO) != 1)
		return 0;
	if (given != NULL && text_to_number(given, strlen(given), &number) &&
	    number > 0 && number < 10000)
		return (size_t)number;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	return COLUMNS_DEFAULT;
}

struct range {
	uint32_t first, last;
};

static bool
is_among(uint32_t point, const struct range *ranges, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (point >= ranges[i].first && point <= ranges[i].last)
			return true;
	return false;
}

/* The scripts of East Asia take two columns, and what sits on others none. */
static size_t
width_of(uint32_t point)
{
	static const struct range none[] = {
		{ 0x0300, 0x036f }, { 0x0483, 0x0489 }, { 0x0591, 0x05bd },
		{ 0x0610, 0x061a }, { 0x064b, 0x065f }, { 0x0e31, 0x0e31 },
		{ 0x0e34, 0x0e3a }, { 0x0e47, 0x0e4e }, { 0x1ab0, 0x1aff },
		{ 0x1dc0, 0x1dff }, { 0x200b, 0x200f }, { 0x202a, 0x202e },
		{ 0x2060, 0x2064 }, { 0x20d0, 0x20ff }, { 0xfe00, 0xfe0f },
		{ 0xfe20, 0xfe2f }, { 0xfeff, 0xfeff }
	};
	static const struct range two[] = {
		{ 0x1100, 0x115f }, { 0x2e80, 0x303e }, { 0x3041, 0xa4cf },
		{ 0xac00, 0xd7a3 }, { 0xf900, 0xfaff }, { 0xfe30, 0xfe6f },
		{ 0xff00, 0xff60 }, { 0xffe0, 0xffe6 }, { 0x1f300, 0x1f64f },
		{ 0x1f680, 0x1f6ff }, { 0x1f900, 0x1f9ff },
		{ 0x20000, 0x3fffd }
	};

	if (point < 0x300)
		return 1;
	if (is_among(point, none, sizeof none / sizeof none[0]))
		return 0;
	return is_among(point, two, sizeof two / sizeof two[0]) ? 2 : 1;
}

size_t
columns_print(FILE *file, const char *text, size_t length, size_t columns)
{
	size_t used = 0;

	while (length > 0) {
		size_t octets = utf8_sequence(text, length), width = 1;
		bool is_tab = *text == '\t';
		uint32_t point;

		if (octets == 0)
			octets = 1;
		else {
			(void)utf8_take(text, &point);
			width = width_of(point);
		}
		if (columns != 0 && used + width > columns)
			break;
		/* a tab would take any number of them */
		print_visible(file, is_tab ? " " : text, octets);
		used += width;
		text += octets;
		length -= octets;
	}
	return used;
}
