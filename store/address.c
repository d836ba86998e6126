/* Mailbox names; see address.h. */
#include "store/address.h"

#include <string.h>

#include "store/text.h"
#include "store/utf8.h"

#define LABEL_OCTETS_MAX 63

static bool
is_safe_name(const char *name, size_t length)
{
	size_t i;

	if (length == 0 || length > ADDRESS_PART_MAX || name[0] == '.')
		return false;
	for (i = 0; i < length; i++)
		if (name[i] == '/' || text_is_control(name[i]))
			return false;
	return utf8_is_valid(name, length) && !utf8_has_controls(name, length);
}

static void
copy_folded(char *to, const char *from, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		to[i] = text_fold(from[i]);
	to[length] = '\0';
}

/* A letter or digit, or none of ASCII. */
static bool
is_word_octet(char octet)
{
	return (octet >= 'a' && octet <= 'z') || (octet >= 'A' && octet <= 'Z')
	    || (octet >= '0' && octet <= '9') || (unsigned char)octet >= 0x80;
}

static bool
is_label_octet(char octet)
{
	return is_word_octet(octet) || octet == '-' || octet == '_';
}

bool
domain_is_valid(const char *domain, size_t length)
{
	size_t i, label = 0;

	if (length == 0 || length > ADDRESS_PART_MAX)
		return false;
	for (i = 0; i <= length; i++) {
		if (i < length && domain[i] != '.') {
			if (!is_label_octet(domain[i]))
				return false;
			continue;
		}
		if (i == label || i - label > LABEL_OCTETS_MAX ||
		    domain[label] == '-' || domain[i - 1] == '-')
			return false;
		label = i + 1;
	}
	return true;
}

bool
address_set(struct address *address, const char *local, size_t local_length,
    const char *domain, size_t domain_length)
{
	if (!is_safe_name(local, local_length) ||
	    !is_safe_name(domain, domain_length) ||
	    !domain_is_valid(domain, domain_length))
		return false;
	copy_folded(address->local, local, local_length);
	copy_folded(address->domain, domain, domain_length);
	return true;
}

bool
address_parse(struct address *address, const char *text, size_t length)
{
	size_t at = length;

	while (at > 0 && text[at - 1] != '@')
		at--;
	if (at == 0)
		return false;
	return address_set(address, text, at - 1, text + at, length - at);
}

bool
address_set_local(struct address *address, const char *local, size_t length)
{
	if (!is_safe_name(local, length))
		return false;
	copy_folded(address->local, local, length);
	return true;
}

void
address_text(const struct address *address, char text[ADDRESS_TEXT_SIZE])
{
	struct text out;

	text_init(&out, text, ADDRESS_TEXT_SIZE);
	text_add(&out, address->local);
	text_add_octet(&out, '@');
	text_add(&out, address->domain);
}

bool
address_is_atext(char octet)
{
	return octet != '\0' && (is_word_octet(octet) ||
	    strchr("!#$%&'*+-/=?^_`{|}~", octet) != NULL);
}

/* Dot-string = Atom *("." Atom) */
static bool
is_dot_string(const char *local, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		if (!address_is_atext(local[i]) && (local[i] != '.' ||
		    i == 0 || i + 1 == length || local[i - 1] == '.'))
			return false;
	return true;
}

bool
address_to_path(const char *text, char path[ADDRESS_PATH_SIZE])
{
	const char *domain = strrchr(text, '@');
	struct text out;

	if (domain == NULL)
		return false;
	text_init(&out, path, ADDRESS_PATH_SIZE);
	if (is_dot_string(text, (size_t)(domain - text)))
		text_add(&out, text);
	else {
		text_add_octet(&out, '"');
		for (; text < domain; text++) {
			if (*text == '"' || *text == '\\')
				text_add_octet(&out, '\\');
			text_add_octet(&out, *text);
		}
		text_add_octet(&out, '"');
		text_add(&out, domain);
	}
	return !out.cut;
}
