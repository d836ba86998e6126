/* xtext; see xtext.h. */
#include "smtp-stdio/xtext.h"

int
hexadecimal_digit(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

/*
 * hexchar = "+" two of 0-9 and A-F, capitals only
 * xtext = *( xchar / hexchar ); xchar is any of 33 to 126 but "+" and "="
 */
bool
xtext_decode(const char *xtext, size_t length, char *text, size_t size)
{
	size_t i, used = 0;

	for (i = 0; i < length; i++) {
		char octet = xtext[i];

		if (octet == '+') {
			int high, low;

			if (length - i < 3)
				return false;
			high = hexadecimal_digit(xtext[i + 1]);
			low = hexadecimal_digit(xtext[i + 2]);
			if (high == -1 || low == -1)
				return false;
			octet = (char)(high * 16 + low);
			i += 2;
		} else if (octet < 33 || octet > 126 || octet == '=')
			return false;
		if (text_is_control(octet) || used + 1 >= size)
			return false;
		text[used++] = octet;
	}
	text[used] = '\0';
	return true;
}

void
xtext_encode(struct text *xtext, const char *text)
{
	static const char digits[] = "0123456789ABCDEF";

	for (; *text != '\0'; text++) {
		unsigned char octet = (unsigned char)*text;

		if (octet >= 33 && octet <= 126 && octet != '+' &&
		    octet != '=') {
			text_add_octet(xtext, *text);
			continue;
		}
		text_add_octet(xtext, '+');
		text_add_octet(xtext, digits[octet >> 4]);
		text_add_octet(xtext, digits[octet & 15]);
	}
}
