/* Content transfer encodings; see transfer_encoding.h. */
#include "pop3-stdio/transfer_encoding.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "store/text.h"

enum transfer_encoding
transfer_encoding_find(const char *name)
{
	size_t length = strcspn(name, " \t;(");

	if (length == 6 && strncasecmp(name, "base64", length) == 0)
		return ENCODING_BASE64;
	if (length == 16 && strncasecmp(name, "quoted-printable", length) == 0)
		return ENCODING_QUOTED_PRINTABLE;
	return ENCODING_NONE;
}

void
decoder_begin(struct decoder *decoder, enum transfer_encoding encoding,
    struct sink to)
{
	memset(decoder, 0, sizeof *decoder);
	decoder->encoding = encoding;
	decoder->to = to;
}

/* The six bits of a base 64 character; 64 for others. */
static uint32_t
six_bits(char character)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *place = memchr(alphabet, character, 64);

	return place == NULL ? 64 : (uint32_t)(place - alphabet);
}

/* Puts out the whole octets of a group, which may be short. */
static void
end_group(struct decoder *decoder)
{
	uint32_t bits = decoder->bits << 6 * (4 - decoder->count);
	char octets[3];

	octets[0] = (char)(bits >> 16 & 0xff);
	octets[1] = (char)(bits >> 8 & 0xff);
	octets[2] = (char)(bits & 0xff);
	if (decoder->count > 1)
		sink_put(&decoder->to, octets, decoder->count - 1);
	decoder->bits = 0;
	decoder->count = 0;
}

static void
put_base64(struct decoder *decoder, const char *octets, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++) {
		uint32_t value = six_bits(octets[i]);

		if (value < 64) {
			decoder->bits = decoder->bits << 6 | value;
			decoder->count++;
		}
		if (decoder->count == 4 ||
		    (octets[i] == '=' && decoder->count > 0))
			end_group(decoder);
	}
}

/* Puts out what was held as it is: it is no encoding. */
static void
release(struct decoder *decoder)
{
	size_t length = decoder->held_length;

	decoder->held_length = 0;
	sink_put(&decoder->to, decoder->held, length);
}

/*
 * Takes an octet behind a "=", which is held: a line end, also with blanks
 * before it, is none, and two hexadecimal digits are an octet.
 */
static void
put_held(struct decoder *decoder, char octet)
{
	bool is_first = decoder->held_length == 1;
	char *held = decoder->held, decoded;
	bool has_blanks = !is_first && text_hexadecimal_digit(held[1]) == -1;

	if (octet == '\n' && (is_first || has_blanks)) {
		decoder->held_length = 0;
	} else if ((is_first || has_blanks) &&
	    (octet == ' ' || octet == '\t' || octet == '\r')) {
		held[1] = octet;        /* of many one is kept */
		decoder->held_length = 2;
	} else if (is_first && text_hexadecimal_digit(octet) != -1) {
		held[decoder->held_length++] = octet;
	} else if (!is_first && !has_blanks &&
	    text_hexadecimal_digit(octet) != -1) {
		decoded = (char)(text_hexadecimal_digit(held[1]) << 4 |
		    text_hexadecimal_digit(octet));
		decoder->held_length = 0;
		sink_put(&decoder->to, &decoded, 1);
	} else {
		release(decoder);
		decoder_put(decoder, &octet, 1);
	}
}

static void
put_quoted(struct decoder *decoder, const char *octets, size_t length)
{
	while (length > 0) {
		const char *equals = memchr(octets, '=', length);
		size_t plain = equals == NULL ? length :
		    (size_t)(equals - octets);

		if (decoder->held_length > 0) {
			put_held(decoder, *octets++);
			length--;
			continue;
		}
		sink_put(&decoder->to, octets, plain);
		octets += plain;
		length -= plain;
		if (length > 0) {
			decoder->held[decoder->held_length++] = *octets++;
			length--;
		}
	}
}

void
decoder_put(struct decoder *decoder, const char *octets, size_t length)
{
	switch (decoder->encoding) {
	case ENCODING_NONE:
		sink_put(&decoder->to, octets, length);
		break;
	case ENCODING_BASE64:
		put_base64(decoder, octets, length);
		break;
	case ENCODING_QUOTED_PRINTABLE:
		put_quoted(decoder, octets, length);
		break;
	}
}

void
decoder_end(struct decoder *decoder)
{
	if (decoder->count > 0)
		end_group(decoder);
	release(decoder);
}
