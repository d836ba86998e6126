/* Bounded text; see text.h. */
#include "store/text.h"

#include <string.h>

void
text_init(struct text *text, char *buffer, size_t size)
{
	text->start = buffer;
	text->size = size;
	text->length = 0;
	text->cut = false;
	buffer[0] = '\0';
}

void
text_add_octets(struct text *text, const char *octets, size_t length)
{
	size_t room = text->size - 1 - text->length;

	if (length > room) {
		length = room;
		text->cut = true;
	}
	memcpy(text->start + text->length, octets, length);
	text->length += length;
	text->start[text->length] = '\0';
}

void
text_add(struct text *text, const char *string)
{
	text_add_octets(text, string, strlen(string));
}

void
text_add_octet(struct text *text, char octet)
{
	text_add_octets(text, &octet, 1);
}

void
text_add_number(struct text *text, uint64_t number)
{
	char digits[TEXT_NUMBER_SIZE];
	size_t i = sizeof digits;

	do {
		digits[--i] = (char)('0' + number % 10);
		number /= 10;
	} while (number != 0);
	text_add_octets(text, digits + i, sizeof digits - i);
}

void
text_add_two_digits(struct text *text, unsigned number)
{
	if (number < 10)
		text_add_octet(text, '0');
	text_add_number(text, number);
}

void
text_add_hexadecimal(struct text *text, const void *octets, size_t length)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *octet = octets;
	size_t i;

	for (i = 0; i < length; i++) {
		text_add_octet(text, digits[octet[i] >> 4]);
		text_add_octet(text, digits[octet[i] & 15]);
	}
}

int
text_hexadecimal_digit(char digit)
{
	digit = text_fold(digit);
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

bool
text_to_number(const char *digits, size_t length, uint64_t *number)
{
	uint64_t value = 0;
	size_t i;

	if (length == 0)
		return false;
	for (i = 0; i < length; i++) {
		unsigned digit;

		if (digits[i] < '0' || digits[i] > '9')
			return false;
		digit = (unsigned)(digits[i] - '0');
		if (value > (UINT64_MAX - digit) / 10)
			value = UINT64_MAX;
		else
			value = value * 10 + digit;
	}
	*number = value;
	return true;
}

char
text_fold(char octet)
{
	return octet >= 'A' && octet <= 'Z' ?
	    (char)(octet - 'A' + 'a') : octet;
}

bool
text_equal_folded(const char *a, size_t a_length,
    const char *b, size_t b_length)
{
	size_t i;

	if (a_length != b_length)
		return false;
	for (i = 0; i < a_length; i++)
		if (text_fold(a[i]) != text_fold(b[i]))
			return false;
	return true;
}

bool
text_is_control(char octet)
{
	return (unsigned char)octet < 0x20 || octet == 0x7f;
}

bool
text_to_size(const char *text, uint64_t *octets)
{
	size_t digits = strspn(text, "0123456789");
	unsigned shift = 0;

	switch (text_fold(text[digits])) {
	case '\0':
		break;
	case 'k':
		shift = 10;
		break;
	case 'm':
		shift = 20;
		break;
	case 'g':
		shift = 30;
		break;
	default:
		return false;
	}
	if (shift != 0 && text[digits + 1] != '\0')
		return false;
	if (!text_to_number(text, digits, octets) ||
	    *octets > (uint64_t)INT64_MAX >> shift)
		return false;
	*octets <<= shift;
	return true;
}

size_t
text_take_out_cr(const char *octets, size_t length, char *out, bool *cr)
{
	size_t i, used = 0;

	for (i = 0; i < length; i++) {
		if (*cr && octets[i] != '\n')
			out[used++] = '\r';
		*cr = octets[i] == '\r';
		if (!*cr)
			out[used++] = octets[i];
	}
	return used;
}

bool
text_is_ascii(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text >= 0x80)
			return false;
	return true;
}
