/* Parameters; see parameters.h. */
#include "smtp-stdio/parameters.h"

#include <stddef.h>
#include <string.h>

#include "store/text.h"

/* RFC 1870 section 3 (4): size-value = 1*20DIGIT */
#define SIZE_DIGITS_MAX 20

struct parameter {
	const char *keyword;
	size_t keyword_length;
	const char *value;      /* NULL without one */
	size_t value_length;
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
 * esmtp-value   = 1*(%d33-60 / %d62-126)
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
	while (is_keyword_octet(*at))
		at++;
	parameter->keyword_length = (size_t)(at - *text);
	if (parameter->keyword_length == 0 || **text == '-')
		return false;
	if (*at == '=') {
		parameter->value = ++at;
		while (*at >= 33 && *at <= 126 && *at != '=')
			at++;
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

static enum parameter_status
take_mail_parameter(struct mail_parameters *parameters,
    const struct parameter *given)
{
	if (is_called(given, "SIZE"))
		return take_size(parameters, given);
	if (is_called(given, "BODY"))
		return take_body(parameters, given);
	return PARAMETERS_UNKNOWN;
}

static void
skip_spaces(const char **text)
{
	while (**text == ' ')
		++*text;
}

enum parameter_status
mail_parameters_parse(struct mail_parameters *parameters, const char *text)
{
	enum parameter_status status = PARAMETERS_OK;
	struct parameter given;

	memset(parameters, 0, sizeof *parameters);
	skip_spaces(&text);
	while (status == PARAMETERS_OK && *text != '\0') {
		if (!take_parameter(&text, &given))
			return PARAMETERS_MALFORMED;
		status = take_mail_parameter(parameters, &given);
		skip_spaces(&text);
	}
	return status;
}

enum parameter_status
rcpt_parameters_parse(const char *text)
{
	struct parameter given;

	skip_spaces(&text);
	if (*text == '\0')
		return PARAMETERS_OK;
	return take_parameter(&text, &given) ? PARAMETERS_UNKNOWN :
	    PARAMETERS_MALFORMED;
}
