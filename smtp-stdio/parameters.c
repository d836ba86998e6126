/* Parameters; see parameters.h. */
#include "smtp-stdio/parameters.h"

#include <stddef.h>
#include <string.h>

#include "smtp-stdio/keywords.h"
#include "smtp-stdio/path.h"
#include "smtp-stdio/xtext.h"
#include "store/text.h"
#include "store/utf8.h"

/* RFC 1870 section 3 (4): size-value = 1*20DIGIT */
#define SIZE_DIGITS_MAX 20

struct parameter {
	const char *keyword;
	size_t keyword_length;
	const char *value;      /* NULL without one */
	size_t value_length;
	bool is_ascii;
};

static bool
is_keyword_octet(char octet)
{
	return (octet >= 'a' && octet <= 'z') || (octet >= 'A' && octet <= 'Z')
	    || (octet >= '0' && octet <= '9') || octet == '-';
}

/*
 * esmtp-param   = esmtp-keyword ["=" esmtp-value]
 * esmtp-keyword = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-")
 * esmtp-value   = 1*(%d33-60 / %d62-126 / UTF8-non-ascii)
 *
 * Takes the next one off *text; false where it is malformed.
 */
static bool
take_parameter(const char **text, struct parameter *parameter)
{
	const char *at = *text;

	parameter->keyword = at;
	parameter->value = NULL;
	parameter->value_length = 0;
	parameter->is_ascii = true;
	while (is_keyword_octet(*at))
		at++;
	parameter->keyword_length = (size_t)(at - *text);
	if (parameter->keyword_length == 0 || **text == '-')
		return false;
	if (*at == '=') {
		parameter->value = ++at;
		while ((unsigned char)*at >= 33 && *at != 127 && *at != '=')
			if ((unsigned char)*at++ >= 0x80)
				parameter->is_ascii = false;
		parameter->value_length = (size_t)(at - parameter->value);
		if (parameter->value_length == 0)
			return false;
	}
	if (*at != '\0' && *at != ' ')
		return false;
	*text = at;
	return true;
}

static bool
is_called(const struct parameter *parameter, const char *keyword)
{
	return text_equal_folded(parameter->keyword, parameter->keyword_length,
	    keyword, strlen(keyword));
}

static bool
has_value(const struct parameter *parameter, const char *value)
{
	return parameter->value != NULL &&
	    text_equal_folded(parameter->value, parameter->value_length,
	    value, strlen(value));
}

static enum parameter_status
take_size(struct mail_parameters *parameters, const struct parameter *given)
{
	if (parameters->has_size || given->value == NULL ||
	    given->value_length > SIZE_DIGITS_MAX ||
	    !text_to_number(given->value, given->value_length,
	    &parameters->size))
		return PARAMETERS_MALFORMED;
	parameters->has_size = true;
	return PARAMETERS_OK;
}

static enum parameter_status
take_body(struct mail_parameters *parameters, const struct parameter *given)
{
	if (parameters->has_body)
		return PARAMETERS_MALFORMED;
	if (has_value(given, "BINARYMIME"))
		return PARAMETERS_UNKNOWN;
	if (!has_value(given, "7BIT") && !has_value(given, "8BITMIME"))
		return PARAMETERS_MALFORMED;
	parameters->has_body = true;
	return PARAMETERS_OK;
}

/* RET= FULL or HDRS, RFC 3461 section 4.3 */
static enum parameter_status
take_ret(struct mail_parameters *parameters, const struct parameter *given)
{
	if (parameters->returned != RETURN_UNSAID)
		return PARAMETERS_MALFORMED;
	if (has_value(given, "FULL"))
		parameters->returned = RETURN_FULL;
	else if (has_value(given, "HDRS"))
		parameters->returned = RETURN_HEADERS;
	else
		return PARAMETERS_MALFORMED;
	return PARAMETERS_OK;
}

/* Whether text is printable ASCII, blanks included. */
static bool
is_printable(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text < 0x20 || *text > 0x7e)
			return false;
	return true;
}

/* ENVID= xtext, RFC 3461 section 4.4 */
static enum parameter_status
take_envid(struct mail_parameters *parameters, const struct parameter *given)
{
	if (parameters->envelope_id[0] != '\0' || given->value == NULL ||
	    given->value_length + sizeof "ENVID=" - 1 > ENVID_OCTETS_MAX ||
	    !xtext_decode(given->value, given->value_length,
	    parameters->envelope_id, sizeof parameters->envelope_id) ||
	    !is_printable(parameters->envelope_id))
		return PARAMETERS_MALFORMED;
	return PARAMETERS_OK;
}

/* AUTH= "<>" or a Mailbox, in xtext, RFC 4954 section 5 */
static enum parameter_status
take_auth(struct mail_parameters *parameters, const struct parameter *given)
{
	char text[PATH_OCTETS_MAX + 3] = "<";
	struct path path;
	const char *rest;
	size_t length;

	if (parameters->has_auth || given->value == NULL ||
	    !xtext_decode(given->value, given->value_length, text + 1,
	    sizeof text - 2))
		return PARAMETERS_MALFORMED;
	parameters->has_auth = true;
	if (strcmp(text + 1, "<>") == 0)
		return PARAMETERS_OK;
	length = strlen(text);
	memcpy(text + length, ">", 2);
	return text[1] != '@' && path_parse(&path, text, &rest) &&
	    path.is_ascii && *rest == '\0' && path.domain != NULL ? PARAMETERS_OK :
	    PARAMETERS_MALFORMED;
}

/* SMTPUTF8, without a value, RFC 6531 section 3.4 */
static enum parameter_status
take_utf8(struct mail_parameters *parameters, const struct parameter *given)
{
	if (parameters->has_utf8 || given->value != NULL)
		return PARAMETERS_MALFORMED;
	parameters->has_utf8 = true;
	return PARAMETERS_OK;
}

static enum parameter_status
take_mail_parameter(void *place, const struct parameter_terms *terms,
    const struct parameter *given)
{
	struct mail_parameters *parameters = place;
	uint32_t left_out = terms->left_out;

	if (!given->is_ascii)
		return PARAMETERS_MALFORMED;
	if (is_called(given, "SIZE") && !(left_out & KEYWORD_SIZE))
		return take_size(parameters, given);
	if (is_called(given, "BODY") && !(left_out & KEYWORD_8BITMIME))
		return take_body(parameters, given);
	if (is_called(given, "AUTH") && !(left_out & KEYWORD_AUTH))
		return take_auth(parameters, given);
	if (is_called(given, "SMTPUTF8") && !(left_out & KEYWORD_SMTPUTF8))
		return take_utf8(parameters, given);
	if (left_out & KEYWORD_DSN)
		return PARAMETERS_UNKNOWN;
	if (is_called(given, "RET"))
		return take_ret(parameters, given);
	if (is_called(given, "ENVID"))
		return take_envid(parameters, given);
	return PARAMETERS_UNKNOWN;
}

/* The flag of one word of NOTIFY; 0: unknown. */
static unsigned
notify_flag(const char *word, size_t length)
{
	static const struct {
		const char *word;
		unsigned flag;
	} words[] = {
		{ "NEVER", NOTIFY_NEVER },
		{ "SUCCESS", NOTIFY_SUCCESS },
		{ "FAILURE", NOTIFY_FAILURE },
		{ "DELAY", NOTIFY_DELAY }
	};
	size_t i;

	for (i = 0; i < sizeof words / sizeof words[0]; i++)
		if (text_equal_folded(word, length, words[i].word,
		    strlen(words[i].word)))
			return words[i].flag;
	return 0;
}

/*
 * NOTIFY= "NEVER" / 1#( "SUCCESS" / "FAILURE" / "DELAY" ), RFC 3461 section
 * 4.1; a list of RFC 822, so elements of it may be empty.
 */
static enum parameter_status
take_notify(struct rcpt_parameters *parameters, const struct parameter *given)
{
	const char *word = given->value, *end;
	unsigned words = 0;

	if (parameters->notify != 0 || word == NULL)
		return PARAMETERS_MALFORMED;
	end = word + given->value_length;
	for (;;) {
		const char *comma = memchr(word, ',', (size_t)(end - word));
		size_t length = (size_t)((comma == NULL ? end : comma) - word);
		unsigned flag = notify_flag(word, length);

		if (flag == 0 && length > 0)
			return PARAMETERS_MALFORMED;
		parameters->notify |= flag;
		words += length > 0;
		if (comma == NULL)
			break;
		word = comma + 1;
	}
	if (words == 0 || ((parameters->notify & NOTIFY_NEVER) &&
	    given->value_length != sizeof "NEVER" - 1))
		return PARAMETERS_MALFORMED;
	return PARAMETERS_OK;
}

/*
 * EmbeddedUnicodeChar = "\\x{" HEXPOINT "}", RFC 6533 section 3: a code point
 * in capitals.  Returns the end of it; NULL where it is malformed.
 */
static const char *
skip_embedded(const char *at, const char *end)
{
	uint32_t point = 0;
	const char *digits;

	if (end - at < 4 || memcmp(at, "\\x{", 3) != 0)
		return NULL;
	digits = at += 3;
	for (; at < end && *at != '}'; at++) {
		int digit = hexadecimal_digit(*at);

		if (digit == -1 || at - digits == 6)
			return NULL;
		point = point << 4 | (uint32_t)digit;
	}
	if (at == end || at - digits < 2 || point < 0x20 || point > 0x10ffff ||
	    (point >= 0x7f && point < 0xa0) ||
	    (point >= 0xd800 && point < 0xe000))
		return NULL;
	return at + 1;
}

/*
 * utf-8-addr-xtext, or, with raw, utf-8-addr-unitext, RFC 6533 section 3:
 * ASCII but "+", "=" and "\\", and the rest embedded or as it is.
 */
static bool
is_utf8_address(const char *at, size_t length, bool raw)
{
	const char *end = at + length;

	if (length == 0 || !utf8_is_valid(at, length) || utf8_has_controls(at, length))
		return false;
	while (at < end) {
		if (*at == '\\') {
			at = skip_embedded(at, end);
			if (at == NULL)
				return false;
			continue;
		}
		if (*at == '+' || *at == '=' ||
		    ((unsigned char)*at >= 0x80 && !raw))
			return false;
		at++;
	}
	return true;
}

/* ORCPT= addr-type ";" xtext, RFC 3461 section 4.2; addr-type is an atom */
static enum parameter_status
take_orcpt(struct rcpt_parameters *parameters, bool raw,
    const struct parameter *given)
{
	static const char specials[] = "()<>@,;:\\\".[]", utf8[] = "utf-8";
	char *original = parameters->original;
	const char *semicolon, *address;
	size_t i, type, length;

	if (*original != '\0' || given->value == NULL ||
	    given->value_length + sizeof "ORCPT=" - 1 > ORCPT_OCTETS_MAX)
		return PARAMETERS_MALFORMED;
	semicolon = memchr(given->value, ';', given->value_length);
	if (semicolon == NULL || semicolon == given->value)
		return PARAMETERS_MALFORMED;
	type = (size_t)(semicolon - given->value);
	for (i = 0; i < type; i++)
		if (strchr(specials, given->value[i]) != NULL ||
		    (unsigned char)given->value[i] >= 0x80)
			return PARAMETERS_MALFORMED;
	address = semicolon + 1;
	length = given->value_length - type - 1;
	memcpy(original, given->value, type + 1);
	if (text_equal_folded(given->value, type, utf8, sizeof utf8 - 1)) {
		memcpy(original + type + 1, address, length);
		original[type + 1 + length] = '\0';
		return is_utf8_address(address, length, raw) ? PARAMETERS_OK :
		    PARAMETERS_MALFORMED;
	}
	return given->is_ascii && xtext_decode(address, length,
	    original + type + 1, ORCPT_OCTETS_MAX - type - 1) &&
	    is_printable(original) ? PARAMETERS_OK : PARAMETERS_MALFORMED;
}

static enum parameter_status
take_rcpt_parameter(void *place, const struct parameter_terms *terms,
    const struct parameter *given)
{
	struct rcpt_parameters *parameters = place;

	if (is_called(given, "ORCPT") && !(terms->left_out & KEYWORD_DSN))
		return take_orcpt(parameters, terms->has_utf8, given);
	if (!given->is_ascii)
		return PARAMETERS_MALFORMED;
	if (is_called(given, "NOTIFY") && !(terms->left_out & KEYWORD_DSN))
		return take_notify(parameters, given);
	return PARAMETERS_UNKNOWN;
}

static void
skip_spaces(const char **text)
{
	while (**text == ' ')
		++*text;
}

/* Takes one parameter for a command, into the command's own struct. */
typedef enum parameter_status take_one(void *parameters,
    const struct parameter_terms *terms, const struct parameter *given);

/* Keeps a parameter that the next host is to have, too. */
static void
keep(struct text *kept, const struct parameter *given)
{
	if (is_called(given, "SIZE") || is_called(given, "AUTH"))
		return;
	if (kept->length > 0)
		text_add_octet(kept, ' ');
	text_add_octets(kept, given->keyword, given->keyword_length);
	if (given->value != NULL) {
		text_add_octet(kept, '=');
		text_add_octets(kept, given->value, given->value_length);
	}
}

static enum parameter_status
take_all(void *parameters, const struct parameter_terms *terms,
    const char *text, take_one *take, struct text *kept)
{
	enum parameter_status status = PARAMETERS_OK;
	struct parameter given;

	skip_spaces(&text);
	while (*text != '\0') {
		enum parameter_status found = PARAMETERS_MALFORMED;
		bool is_one = take_parameter(&text, &given);

		if (is_one)
			found = take(parameters, terms, &given);
		if (found == PARAMETERS_OK)
			keep(kept, &given);
		if (status == PARAMETERS_OK)
			status = found;         /* the first that is wrong */
		if (!is_one)
			break;
		skip_spaces(&text);
	}
	return status;
}

enum parameter_status
mail_parameters_parse(struct mail_parameters *parameters,
    const struct parameter_terms *terms, const char *text)
{
	struct text kept;

	memset(parameters, 0, sizeof *parameters);
	text_init(&kept, parameters->kept, sizeof parameters->kept);
	return take_all(parameters, terms, text, take_mail_parameter, &kept);
}

enum parameter_status
rcpt_parameters_parse(struct rcpt_parameters *parameters,
    const struct parameter_terms *terms, const char *text)
{
	struct text kept;

	parameters->notify = 0;
	parameters->original[0] = '\0';
	text_init(&kept, parameters->kept, sizeof parameters->kept);
	return take_all(parameters, terms, text, take_rcpt_parameter, &kept);
}
