/* Paths; see path.h.  The ABNF is RFC 5321's, sections 4.1.2 and 4.1.3. */
#include "smtp-stdio/path.h"

#include <arpa/inet.h>
#include <string.h>

#include "store/address.h"
#include "store/text.h"
#include "store/utf8.h"

static bool
is_alphanumeric(char octet)
{
	return (octet >= 'a' && octet <= 'z') || (octet >= 'A' && octet <= 'Z')
	    || (octet >= '0' && octet <= '9');
}

/*
 * Dot-string = Atom *("." Atom)
 * Returns the end of it; NULL where there is none.
 */
static const char *
parse_dot_string(struct path *path, const char *at)
{
	const char *start = at;

	for (;;) {
		const char *atom = at;

		while (address_is_atext(*at))
			at++;
		if (at == atom)
			return NULL;
		if (*at != '.')
			break;
		at++;
	}
	path->local_length = (size_t)(at - start);
	if (path->local_length > PATH_OCTETS_MAX)
		return NULL;
	memcpy(path->local, start, path->local_length);
	path->local[path->local_length] = '\0';
	return at;
}

/*
 * Quoted-string    = DQUOTE *QcontentSMTP DQUOTE
 * QcontentSMTP     = qtextSMTP / quoted-pairSMTP
 * quoted-pairSMTP  = %d92 %d32-126
 * qtextSMTP        = %d32-33 / %d35-91 / %d93-126 / UTF8-non-ascii
 *
 * The empty string is not taken: there is no such mailbox.
 */
static const char *
parse_quoted_string(struct path *path, const char *at)
{
	path->local_length = 0;
	for (at++; *at != '"'; at++) {
		if (*at == '\\' && (unsigned char)*++at >= 0x80)
			return NULL;
		if (text_is_control(*at) ||
		    path->local_length == PATH_OCTETS_MAX)
			return NULL;
		path->local[path->local_length++] = *at;
	}
	path->local[path->local_length] = '\0';
	return path->local_length == 0 ? NULL : at + 1;
}

/*
 * IPv4-address-literal = Snum 3("." Snum)
 * Snum                 = 1*3DIGIT  ; 0 to 255
 */
static bool
is_ipv4_literal(const char *text, size_t length)
{
	unsigned numbers = 0;
	size_t start = 0, i;

	for (i = 0; i <= length; i++) {
		uint64_t number;

		if (i < length && text[i] != '.')
			continue;
		if (i - start > 3 ||
		    !text_to_number(text + start, i - start, &number) ||
		    number > 255)
			return false;
		numbers++;
		start = i + 1;
	}
	return numbers == 4;
}

/*
 * IPv6-address-literal    = "IPv6:" IPv6-addr
 * General-address-literal = Standardized-tag ":" 1*dcontent
 * dcontent                = %d33-90 / %d94-126
 */
static bool
is_tagged_literal(const char *text, size_t length)
{
	static const char ipv6_tag[] = "IPv6";
	const char *colon = memchr(text, ':', length);
	char address[INET6_ADDRSTRLEN];
	struct in6_addr ipv6;
	size_t tag, i, rest;

	if (colon == NULL)
		return false;
	tag = (size_t)(colon - text);
	rest = length - tag - 1;
	if (text_equal_folded(text, tag, ipv6_tag, sizeof ipv6_tag - 1)) {
		if (rest >= sizeof address)
			return false;
		memcpy(address, colon + 1, rest);
		address[rest] = '\0';
		return inet_pton(AF_INET6, address, &ipv6) == 1;
	}
	for (i = 0; i < tag; i++)
		if (!is_alphanumeric(text[i]) && text[i] != '-')
			return false;
	for (i = tag + 1; i < length; i++)
		if (text[i] < 33 || text[i] > 126 ||
		    (text[i] >= 91 && text[i] <= 93))
			return false;
	return tag > 0 && text[tag - 1] != '-' && rest > 0;
}

/* Returns the end of a Domain; NULL where there is none. */
static const char *
parse_domain(const char *at)
{
	size_t length = strcspn(at, " \t<>,:;@\"()[]\\");

	return domain_is_valid(at, length) ? at + length : NULL;
}

/* address-literal = "[" ( IPv4 / IPv6 / General ) "]"; likewise. */
static const char *
parse_literal(const char *at)
{
	size_t length = strcspn(++at, "]");

	return at[length] == ']' && (is_ipv4_literal(at, length) ||
	    is_tagged_literal(at, length)) ? at + length + 1 : NULL;
}

/*
 * A-d-l = At-domain *( "," At-domain ) ":"     At-domain = "@" Domain
 *
 * Skips a source route (appendix C); NULL where it is malformed.
 */
static const char *
skip_route(const char *at)
{
	while (*at == '@') {
		at = parse_domain(at + 1);
		if (at == NULL)
			return NULL;
		if (*at == ':')
			return at + 1;
		if (*at++ != ',')
			return NULL;
	}
	return NULL;
}

/*
 * Mailbox = Local-part "@" ( Domain / address-literal )
 *
 * and a Local-part alone, for Postmaster.  Returns the end of it.
 */
static const char *
parse_mailbox(struct path *path, const char *at)
{
	const char *start = at;
	size_t local, length;

	at = *at == '"' ? parse_quoted_string(path, at) :
	    parse_dot_string(path, at);
	if (at == NULL)
		return NULL;
	local = (size_t)(at - start);
	if (*at == '@') {
		path->literal = *++at == '[';
		at = path->literal ? parse_literal(at) : parse_domain(at);
		if (at == NULL)
			return NULL;
	}
	length = (size_t)(at - start);
	if (length > PATH_OCTETS_MAX)
		return NULL;
	memcpy(path->text, start, length);
	path->text[length] = '\0';
	if (length > local)
		path->domain = path->text + local + 1;
	return at;
}

/*
 * Looks for the end of what seems to be the path, the first blank outside
 * quotes; and whether there are octets from 0x80 on in it.
 */
static const char *
survey(const char *at, bool *is_ascii)
{
	bool quoted = false;

	*is_ascii = true;
	for (; *at != '\0' && (quoted || (*at != ' ' && *at != '\t')); at++) {
		if ((unsigned char)*at >= 0x80)
			*is_ascii = false;
		if (*at == '"')
			quoted = !quoted;
		else if (quoted && *at == '\\' && at[1] != '\0' &&
		    (unsigned char)at[1] < 0x80)
			at++;
	}
	return at;
}

/* Path = "<" [ A-d-l ] Mailbox ">" */
bool
path_parse(struct path *path, const char *text, const char **rest)
{
	bool bracketed = *text == '<';
	const char *at = bracketed ? text + 1 : text;

	path->text[0] = path->local[0] = '\0';
	path->local_length = 0;
	path->domain = NULL;
	path->literal = false;
	*rest = survey(text, &path->is_ascii);
	if (!path->is_ascii && (!utf8_is_valid(text, (size_t)(*rest - text)) ||
	    utf8_has_controls(text, (size_t)(*rest - text))))
		return false;
	if (!bracketed || *at != '>') {
		if (*at == '@')
			at = skip_route(at);
		if (at != NULL)
			at = parse_mailbox(path, at);
		if (at == NULL)
			return false;
	}
	if (bracketed && *at++ != '>')
		return false;
	if (*at != '\0' && *at != ' ' && *at != '\t')
		return false;
	*rest = at;
	return true;
}
