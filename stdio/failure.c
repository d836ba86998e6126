/* Why a client failed; see failure.h. */
#include "stdio/failure.h"

#include <stdarg.h>
#include <string.h>

#include "store/text.h"
#include "store/utf8.h"

bool
failure_set(struct failure *failure, int status, const char *format, ...)
{
	va_list arguments;

	failure->status = status;
	va_start(arguments, format);
	(void)vsnprintf(failure->text, sizeof failure->text, format, arguments);
	va_end(arguments);
	return false;
}

bool
failure_add(struct failure *failure, const char *more)
{
	size_t used = strlen(failure->text);

	(void)snprintf(failure->text + used, sizeof failure->text - used, "%s",
	    more);
	return false;
}

/* The octets of the character at the start of text; 0: it is none, or a C1. */
static size_t
visible_length(const char *text, size_t length)
{
	size_t octets;

	for (octets = 1; octets <= 4 && octets <= length; octets++)
		if (utf8_is_valid(text, octets))
			return utf8_has_controls(text, octets) ? 0 : octets;
	return 0;
}

void
print_visible(FILE *file, const char *text, size_t length)
{
	while (length > 0) {
		size_t octets = visible_length(text, length);

		if (octets == 0 || (text_is_control(*text) && *text != '\t')) {
			putc('?', file);
			octets = 1;
		} else
			(void)fwrite(text, 1, octets, file);
		text += octets;
		length -= octets;
	}
}

void
failure_print(const struct failure *failure, const char *program)
{
	fprintf(stderr, "%s: ", program);
	print_visible(stderr, failure->text, strlen(failure->text));
	putc('\n', stderr);
}
