/* UTF-8; see utf8.h. */
#include "store/utf8.h"

/*
 * RFC 3629 section 4: the length of a sequence by its first octet, 0 where
 * none starts with it.
 */
static size_t
sequence_length(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first <= 0xdf)
		return 2;
	if (first >= 0xe0 && first <= 0xef)
		return 3;
	if (first >= 0xf0 && first <= 0xf4)
		return 4;
	return 0;
}

size_t
utf8_sequence(const char *text, size_t length)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *octet = (const unsigned char *)text;
	size_t octets = sequence_length(octet[0]), k;
	uint32_t point;

	if (octets <= 1 || octets > length)
		return octets > length ? 0 : octets;
	for (k = 1; k < octets; k++)
		if ((octet[k] & 0xc0) != 0x80)
			return 0;
	(void)utf8_take(text, &point);
	if (point < least[octets] || point > 0x10ffff ||
	    (point >= 0xd800 && point <= 0xdfff))
		return 0;
	return octets;
}

bool
utf8_is_valid(const char *text, size_t length)
{
	size_t i = 0;

	while (i < length) {
		size_t octets = utf8_sequence(text + i, length - i);

		if (octets == 0)
			return false;
		i += octets;
	}
	return true;
}

size_t
utf8_take(const char *text, uint32_t *point)
{
	const unsigned char *octet = (const unsigned char *)text;
	size_t octets = sequence_length(octet[0]), k;

	*point = octets == 1 ? octet[0] : octet[0] & (0x7fU >> octets);
	for (k = 1; k < octets; k++)
		*point = *point << 6 | (octet[k] & 0x3f);
	return octets;
}

bool
utf8_has_controls(const char *text, size_t length)
{
	const unsigned char *octet = (const unsigned char *)text;
	size_t i;

	for (i = 1; i < length; i++)
		if (octet[i - 1] == 0xc2 && octet[i] < 0xa0)
			return true;
	return false;
}
