/* Charsets; see charset.h. */
#include "pop3-stdio/charset.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "store/text.h"

#define NAME_OCTETS_MAX 40

static bool
is_name(const char *name, size_t length, const char *other)
{
	return text_equal_folded(name, length, other, strlen(other));
}

/* What iconv_open(3) makes of a slash, or of a locale's name, is not for mail. */
static bool
is_safe(const char *name, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		if (!isalnum((unsigned char)name[i]) &&
		    strchr("-_.:+", name[i]) == NULL)
			return false;
	return length > 0 && length <= NAME_OCTETS_MAX;
}

void
charset_begin(struct charset *charset, const char *name, size_t length,
    struct sink to)
{
	char copy[NAME_OCTETS_MAX + 1];

	charset->to = to;
	charset->rest_length = 0;
	charset->kind = CHARSET_AS_IT_IS;
	if (length == 0 || is_name(name, length, "utf-8") ||
	    is_name(name, length, "us-ascii"))
		return;
	charset->kind = CHARSET_UNKNOWN;
	if (!is_safe(name, length))
		return;
	memcpy(copy, name, length);
	copy[length] = '\0';
	charset->converter = iconv_open("UTF-8", copy);
	/* POSIX has it as a value of a type that may be a pointer */
	if (charset->converter != (iconv_t)-1)
		charset->kind = CHARSET_CONVERTED;
}

static void
put_ascii(struct charset *charset, const char *octets, size_t length)
{
	while (length > 0) {
		size_t ascii = 0;

		while (ascii < length && (unsigned char)octets[ascii] < 0x80)
			ascii++;
		sink_put(&charset->to, octets, ascii);
		if (ascii < length)
			sink_put(&charset->to, "?", 1);
		ascii += ascii < length;
		octets += ascii;
		length -= ascii;
	}
}

/*
 * Converts what is in the buffer; what is left of it at the end is a character
 * that has only begun.
 */
static void
convert(struct charset *charset, char *in, size_t length)
{
	while (length > 0) {
		char buffer[1024], *out = buffer, *before = in;
		size_t room = sizeof buffer;
		bool failed;
		int error;

		failed = iconv(charset->converter, &in, &length, &out,
		    &room) == (size_t)-1;
		error = errno;
		sink_put(&charset->to, buffer, sizeof buffer - room);
		if (!failed)
			return;
		if (error == EINVAL && length <= sizeof charset->rest) {
			memcpy(charset->rest, in, length);
			charset->rest_length = length;
			return;
		}
		if (error == E2BIG && (in != before || room < sizeof buffer))
			continue;
		sink_put(&charset->to, "?", 1);
		in++;
		length--;
	}
}

static void
put_converted(struct charset *charset, const char *octets, size_t length)
{
	while (length > 0) {
		char buffer[sizeof charset->rest + 1024];
		size_t piece = length < 1024 ? length : 1024;
		size_t rest = charset->rest_length;

		memcpy(buffer, charset->rest, rest);
		memcpy(buffer + rest, octets, piece);
		charset->rest_length = 0;
		convert(charset, buffer, rest + piece);
		octets += piece;
		length -= piece;
	}
}

void
charset_put(struct charset *charset, const char *octets, size_t length)
{
	switch (charset->kind) {
	case CHARSET_AS_IT_IS:
		sink_put(&charset->to, octets, length);
		break;
	case CHARSET_CONVERTED:
		put_converted(charset, octets, length);
		break;
	case CHARSET_UNKNOWN:
		put_ascii(charset, octets, length);
		break;
	}
}

void
charset_end(struct charset *charset)
{
	if (charset->kind != CHARSET_CONVERTED)
		return;
	if (charset->rest_length > 0)
		sink_put(&charset->to, "?", 1);
	(void)iconv_close(charset->converter);
}
