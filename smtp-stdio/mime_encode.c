/* Encodings of MIME; see mime_encode.h. */
#include "smtp-stdio/mime_encode.h"

#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "store/base64.h"
#include "store/durable.h"
#include "store/text.h"
#include "store/utf8.h"

#define LINE_OCTETS 76          /* of every encoding (RFC 2045, RFC 2047) */

/* What no encoded word, in whatever place, has to escape (RFC 2047 5 (3)). */
static bool
is_plain_in_word(char octet)
{
	return (octet >= 'a' && octet <= 'z') ||
	    (octet >= 'A' && octet <= 'Z') ||
	    (octet >= '0' && octet <= '9') ||
	    (octet != '\0' && strchr("!*+-/", octet) != NULL);
}

/* How long a text gets in "Q"; a blank is one octet there. */
static size_t
q_length(const char *text, size_t length)
{
	size_t octets = 0, i;

	for (i = 0; i < length; i++)
		octets += is_plain_in_word(text[i]) || text[i] == ' ' ? 1 : 3;
	return octets;
}

/* encoded-word = "=?" charset "?" encoding "?" encoded-text "?=" */
static void
print_word(FILE *out, const char *text, size_t length, bool as_q)
{
	char base64[BASE64_LENGTH(64) + 1];
	struct text encoded;
	size_t i;

	fprintf(out, "=?utf-8?%c?", as_q ? 'q' : 'b');
	if (!as_q) {
		text_init(&encoded, base64, sizeof base64);
		base64_encode(&encoded, text, length);
		fputs(base64, out);
	} else for (i = 0; i < length; i++) {
		if (is_plain_in_word(text[i]))
			putc(text[i], out);
		else if (text[i] == ' ')
			putc('_', out);
		else
			fprintf(out, "=%02X", (unsigned)(unsigned char)text[i]);
	}
	fputs("?=", out);
}

/*
 * Prints text in as many words as it needs, each of whole characters, and
 * folded between them; used is what stands in the line already.
 */
static void
print_words(FILE *out, const char *text, size_t used)
{
	size_t left = strlen(text);
	bool as_q = q_length(text, left) <= BASE64_LENGTH(left);

	while (left > 0) {
		/* beside the blank, "=?utf-8?q?" and "?=" in a line */
		size_t room = LINE_OCTETS - 13 - (used < 50 ? used : 0);
		size_t length = 0;

		if (used >= 50)
			fputs("\n ", out);
		while (length < left) {
			uint32_t point;
			size_t next = length + utf8_take(text + length, &point);

			if (next > 48 || (as_q ? q_length(text, next) :
			    BASE64_LENGTH(next)) > room)
				break;
			length = next;
		}
		print_word(out, text, length, as_q);
		text += length;
		left -= length;
		used = LINE_OCTETS;             /* the next is in a new line */
	}
}

/* Folds text of ASCII at its blanks, where a line gets too long. */
static void
print_folded(FILE *out, const char *text, size_t used)
{
	while (*text != '\0') {
		size_t blanks = strspn(text, " ");
		size_t word = strcspn(text + blanks, " ");

		if (used + blanks + word > LINE_OCTETS && blanks > 0 &&
		    word > 0) {
			fputs("\n", out);
			used = 0;
		}
		(void)fwrite(text, 1, blanks + word, out);
		used += blanks + word;
		text += blanks + word;
	}
}

void
field_print(FILE *out, const char *name, const char *text)
{
	size_t used = strlen(name) + 2;
	char *clean = strdup(text), *at;

	if (clean == NULL)
		return;
	for (at = clean; *at != '\0'; at++)
		if (text_is_control(*at))
			*at = ' ';
	fprintf(out, "%s: ", name);
	/* What looks like an encoded word would be taken for one. */
	if (text_is_ascii(clean) && strstr(clean, "=?") == NULL)
		print_folded(out, clean, used);
	else
		print_words(out, clean, used);
	putc('\n', out);
	free(clean);
}

/* atext (RFC 5322 section 3.2.3), and the blanks between atoms. */
static bool
is_atoms(const char *name)
{
	for (; *name != '\0'; name++)
		if (!is_plain_in_word(*name) &&
		    strchr("#$%&'=?^_`{|}~ ", *name) == NULL)
			return false;
	return true;
}

static void
print_quoted(FILE *out, const char *text)
{
	putc('"', out);
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			putc('\\', out);
		putc(text_is_control(*text) ? ' ' : *text, out);
	}
	putc('"', out);
}

/* "Sender: " or less stands before a mailbox. */
#define MAILBOX_INDENT 8

void
mailbox_print(FILE *out, const char *name, const char *address)
{
	/* A name that is no text is none. */
	if (name[0] == '\0' || !utf8_is_valid(name, strlen(name))) {
		fputs(address, out);
		return;
	}
	if (!text_is_ascii(name))
		print_words(out, name, MAILBOX_INDENT);
	else if (is_atoms(name) && strstr(name, "=?") == NULL)
		fputs(name, out);
	else
		print_quoted(out, name);
	if (strlen(name) + strlen(address) > LINE_OCTETS - 20)
		putc('\n', out);
	fprintf(out, " <%s>", address);
}

/* attribute-char of RFC 2231 section 7 */
static bool
is_attribute_char(char octet)
{
	return (is_plain_in_word(octet) && octet != '*' && octet != '/') ||
	    (octet != '\0' && strchr("#$&._`{|}~^", octet) != NULL);
}

void
parameter_print(FILE *out, const char *name, const char *value)
{
	/* What looks like an encoded word would be taken for one. */
	if (text_is_ascii(value) && strstr(value, "=?") == NULL) {
		fprintf(out, ";\n %s=", name);
		print_quoted(out, value);
		return;
	}
	fprintf(out, ";\n %s*=utf-8''", name);
	for (; *value != '\0'; value++) {
		if (is_attribute_char(*value))
			putc(*value, out);
		else
			fprintf(out, "%%%02X",
			    (unsigned)(unsigned char)*value);
	}
}

const char *
transfer_encoding_name(enum transfer_encoding encoding)
{
	switch (encoding) {
	case ENCODING_7BIT:
		return "7bit";
	case ENCODING_QUOTED_PRINTABLE:
		return "quoted-printable";
	case ENCODING_BASE64:
		return "base64";
	}
	return "";
}

/* A line of quoted-printable as it grows. */
struct quoting {
	size_t used;            /* octets in the line */
	char blank;             /* held back: what may not end a line; or 0 */
};

static void
quote(FILE *out, struct quoting *quoting, char octet, bool as_is)
{
	size_t octets = as_is ? 1 : 3;

	if (quoting->used + octets > LINE_OCTETS - 1) {
		fputs("=\n", out);
		quoting->used = 0;
	}
	quoting->used += octets;
	if (as_is)
		putc(octet, out);
	else
		fprintf(out, "=%02X", (unsigned)(unsigned char)octet);
}

/* A dot, or "From ", at the start of a line is changed by some on its way. */
static bool
is_at_risk(const char *octets, size_t length)
{
	return *octets == '.' ||
	    (length >= 5 && memcmp(octets, "From ", 5) == 0);
}

/* RFC 2045 section 6.7.  A blank waits for what comes behind it. */
static void
quote_octets(FILE *out, struct quoting *quoting, const char *octets,
    size_t length)
{
	size_t i;

	for (i = 0; i < length; i++) {
		char octet = octets[i];

		if (quoting->blank != 0) {
			quote(out, quoting, quoting->blank, octet != '\n');
			quoting->blank = 0;
		}
		if (octet == ' ' || octet == '\t')
			quoting->blank = octet;
		else if (octet == '\n') {
			putc('\n', out);
			quoting->used = 0;
		} else
			quote(out, quoting, octet, octet > 0x20 &&
			    octet < 0x7f && octet != '=' &&
			    (quoting->used > 0 ||
			    !is_at_risk(octets + i, length - i)));
	}
}

/* At the end: what was held back, and a soft end for a line without one. */
static void
quote_end(FILE *out, struct quoting *quoting)
{
	if (quoting->blank != 0)
		quote(out, quoting, quoting->blank, false);
	if (quoting->used > 0)
		fputs("=\n", out);
}

static void
print_base64_lines(FILE *out, const char *octets, size_t length)
{
	char line[LINE_OCTETS + 1];

	while (length > 0) {
		size_t piece = length < LINE_OCTETS / 4 * 3 ? length :
		    LINE_OCTETS / 4 * 3;
		struct text text;

		text_init(&text, line, sizeof line);
		base64_encode(&text, octets, piece);
		fputs(line, out);
		putc('\n', out);
		octets += piece;
		length -= piece;
	}
}

/* Reads until the buffer is full or the file ends. */
static ssize_t
read_piece(int file, char *buffer, size_t size, uint64_t offset)
{
	size_t have = 0;

	while (have < size) {
		ssize_t got = durable_read_at(file, buffer + have, size - have,
		    (off_t)(offset + have));

		if (got == -1)
			return -1;
		if (got == 0)
			break;
		have += (size_t)got;
	}
	return (ssize_t)have;
}

bool
encoded_copy(FILE *out, int file, uint64_t offset,
    enum transfer_encoding encoding)
{
	char buffer[LINE_OCTETS / 4 * 3 * 512];         /* whole lines */
	struct quoting quoting = { 0, 0 };
	char last = '\n';
	ssize_t got;

	while ((got = read_piece(file, buffer, sizeof buffer, offset)) > 0) {
		size_t length = (size_t)got;

		if (encoding == ENCODING_BASE64)
			print_base64_lines(out, buffer, length);
		else if (encoding == ENCODING_QUOTED_PRINTABLE)
			quote_octets(out, &quoting, buffer, length);
		else
			(void)fwrite(buffer, 1, length, out);
		last = buffer[length - 1];
		offset += length;
	}
	if (encoding == ENCODING_QUOTED_PRINTABLE)
		quote_end(out, &quoting);
	else if (encoding == ENCODING_7BIT && last != '\n')
		putc('\n', out);
	return got == 0;
}
