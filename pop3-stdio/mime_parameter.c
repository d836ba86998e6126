/* Parameters; see mime_parameter.h. */
#include "pop3-stdio/mime_parameter.h"

#include <string.h>

#include "pop3-stdio/charset.h"
#include "pop3-stdio/header_text.h"

#define VALUE_OCTETS_MAX 1024
#define SECTIONS_MAX 100

/* parameter = attribute "=" value, RFC 2045 section 5.1. */
struct parameter {
	const char *name;
	size_t name_length;
	char value[VALUE_OCTETS_MAX];   /* unquoted */
	size_t length;
};

static const char *
skip_blanks(const char *at)
{
	return at + strspn(at, " \t");
}

/* Takes a quoted-string, or what stands there before the next ";". */
static const char *
take_value(const char *at, struct parameter *parameter)
{
	struct text value;

	text_init(&value, parameter->value, sizeof parameter->value);
	if (*at == '"') {
		for (at++; *at != '\0' && *at != '"'; at++) {
			if (*at == '\\' && at[1] != '\0')
				at++;
			text_add_octet(&value, *at);
		}
	} else
		text_add_octets(&value, at, strcspn(at, "; \t"));
	parameter->length = value.length;
	return at + strcspn(at, ";");
}

/*
 * Takes the next parameter behind *at; false at the end.  *at stands on the
 * ";" before one, or at the end.
 */
static bool
take_parameter(const char **at, struct parameter *parameter)
{
	while (**at == ';') {
		const char *name = skip_blanks(*at + 1), *equals;

		parameter->name = name;
		parameter->name_length = strcspn(name, "=; \t");
		equals = skip_blanks(name + parameter->name_length);
		if (*equals == '=') {
			*at = take_value(skip_blanks(equals + 1), parameter);
			return true;
		}
		*at = name + strcspn(name, ";");
	}
	return false;
}

/* Finds the parameter of exactly this name. */
static bool
find(const char *field, const char *name, struct parameter *parameter)
{
	const char *at = field + strcspn(field, ";");

	while (take_parameter(&at, parameter))
		if (text_equal_folded(parameter->name, parameter->name_length,
		    name, strlen(name)))
			return true;
	return false;
}

static void
add_octets(void *context, const char *octets, size_t length)
{
	text_add_octets(context, octets, length);
}

/* Decodes the "%XX" of an extended value. */
static void
put_extended(struct charset *charset, const char *text, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++) {
		int high = -1, low = -1;
		char octet = text[i];

		if (octet == '%' && length - i > 2) {
			high = text_hexadecimal_digit(text[i + 1]);
			low = text_hexadecimal_digit(text[i + 2]);
		}
		if (high != -1 && low != -1) {
			octet = (char)(high << 4 | low);
			i += 2;
		}
		charset_put(charset, &octet, 1);
	}
}

/* The parts of a value, as they come by. */
struct value {
	struct charset charset;
	bool is_begun;
	bool is_extended;       /* this part is */
};

/*
 * initial-section: charset "'" language "'" text, RFC 2231 section 7; a value
 * that is not extended has none of these.
 */
static void
put_section(struct value *value, const struct parameter *parameter,
    struct sink to)
{
	const char *text = parameter->value, *first = NULL, *second = NULL;
	size_t length = parameter->length;

	if (value->is_extended && !value->is_begun) {
		first = memchr(text, '\'', length);
		if (first != NULL)
			second = strchr(first + 1, '\'');
	}
	if (!value->is_begun)
		charset_begin(&value->charset, text, second == NULL ? 0 :
		    (size_t)(first - text), to);
	value->is_begun = true;
	if (second != NULL) {
		length -= (size_t)(second + 1 - text);
		text = second + 1;
	}
	if (value->is_extended)
		put_extended(&value->charset, text, length);
	else
		charset_put(&value->charset, text, length);
}

/* Writes name, "*" and the number of the section, "*" where it is extended. */
static bool
find_section(const char *field, const char *name, unsigned number,
    struct parameter *parameter, bool *is_extended)
{
	char section[64];
	struct text text;

	text_init(&text, section, sizeof section);
	text_add(&text, name);
	text_add_octet(&text, '*');
	text_add_number(&text, number);
	*is_extended = false;
	if (find(field, section, parameter))
		return true;
	text_add_octet(&text, '*');
	*is_extended = true;
	return find(field, section, parameter);
}

bool
mime_parameter(const char *field, const char *name, struct text *to)
{
	struct value value = { .is_begun = false };
	struct sink sink = { add_octets, to };
	struct parameter parameter;
	char extended[64];
	struct text text;
	unsigned i;

	text_init(&text, extended, sizeof extended);
	text_add(&text, name);
	text_add_octet(&text, '*');
	if (find(field, extended, &parameter)) {
		value.is_extended = true;
		put_section(&value, &parameter, sink);
	} else
		for (i = 0; i < SECTIONS_MAX && find_section(field, name, i,
		    &parameter, &value.is_extended); i++)
			put_section(&value, &parameter, sink);
	if (value.is_begun) {
		charset_end(&value.charset);
		return true;
	}
	if (!find(field, name, &parameter))
		return false;
	header_text_decode(to, parameter.value, parameter.length);
	return true;
}
