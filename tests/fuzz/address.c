/*
 * Fuzzes what is read in MAIL and RCPT and in headers: paths, parameters,
 * addresses, lists of mailboxes, the scan of a header, EHLO's answer.  The
 * first octet of an input says which; the rest is the text.
 */
#include "store/address.h"

#include <stdint.h>
#include <string.h>

#include "smtp-stdio/header.h"
#include "smtp-stdio/keywords.h"
#include "smtp-stdio/mailbox_list.h"
#include "smtp-stdio/parameters.h"
#include "smtp-stdio/path.h"
#include "smtp-stdio/xtext.h"
#include "store/text.h"
#include "store/utf8.h"
#include "tests/fuzz/target.h"

/* Room for any parameters, written anew. */
#define PARAMETERS_SIZE 4096

void
target_begin(void)
{
}

static bool
has_controls(const char *text, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return true;
	return false;
}

/* What is a safe name can be a path component, and nothing but that. */
static void
check_part(const char *part)
{
	size_t length = strlen(part);

	ORACLE(length > 0 && length <= ADDRESS_PART_MAX, "%zu octets", length);
	ORACLE(part[0] != '.' && strchr(part, '/') == NULL &&
	    !has_controls(part, length) && utf8_is_valid(part, length),
	    "a name that is not safe: %s", part);
	for (; *part != '\0'; part++)
		ORACLE(*part < 'A' || *part > 'Z', "%s is not folded", part);
}

static void
check_address(const struct address *address)
{
	char text[ADDRESS_TEXT_SIZE];
	struct address again;

	check_part(address->local);
	check_part(address->domain);
	ORACLE(domain_is_valid(address->domain, strlen(address->domain)),
	    "%s", address->domain);
	address_text(address, text);
	ORACLE(address_parse(&again, text, strlen(text)) &&
	    strcmp(again.local, address->local) == 0 &&
	    strcmp(again.domain, address->domain) == 0,
	    "%s is another address", text);
}

/* A path that was taken is taken again, for the same mailbox. */
static void
check_path(const struct path *path)
{
	char text[PATH_OCTETS_MAX + 3] = "<";
	size_t length = strlen(path->text);
	struct address address;
	struct path again;
	const char *rest;

	ORACLE(length <= PATH_OCTETS_MAX && path->local_length <= length &&
	    strlen(path->local) == path->local_length, "%zu octets", length);
	ORACLE(!has_controls(path->text, length) &&
	    utf8_is_valid(path->text, length), "text that is none");
	ORACLE(!path->is_ascii || text_is_ascii(path->text), "%s", path->text);
	if (path->domain != NULL)
		ORACLE(path->domain > path->text &&
		    path->domain < path->text + length &&
		    path->domain[-1] == '@', "%s", path->text);
	memcpy(text + 1, path->text, length);
	memcpy(text + 1 + length, ">", 2);
	ORACLE(path_parse(&again, text, &rest) && *rest == '\0',
	    "%s is refused now", text);
	ORACLE(strcmp(again.text, path->text) == 0 &&
	    same(again.local, again.local_length, path->local,
	    path->local_length) && again.literal == path->literal &&
	    again.is_ascii == text_is_ascii(path->text), "%s is another",
	    text);
	if (path->domain != NULL && !path->literal &&
	    address_set(&address, path->local, path->local_length,
	    path->domain, strlen(path->domain)))
		check_address(&address);
}

static void
fuzz_path(const char *text, size_t length)
{
	struct path path;
	const char *rest = NULL;
	bool is_path = path_parse(&path, text, &rest);

	ORACLE(rest >= text && rest <= text + length, "out of the text");
	if (!is_path)
		return;
	ORACLE(*rest == '\0' || *rest == ' ' || *rest == '\t', "%.20s", rest);
	check_path(&path);
}

static void
add_xtext(struct text *text, const char *octets)
{
	for (; *octets != '\0'; octets++) {
		static const char digits[] = "0123456789ABCDEF";
		unsigned char octet = (unsigned char)*octets;

		text_add_octet(text, '+');
		text_add_octet(text, digits[octet >> 4]);
		text_add_octet(text, digits[octet & 15]);
	}
}

/* Parameters that were taken are the same when they are written anew. */
static void
fuzz_mail_parameters(const char *text)
{
	struct parameter_terms terms = { 0, false };
	struct mail_parameters parameters, again;
	char buffer[PARAMETERS_SIZE];
	struct text out;

	if (mail_parameters_parse(&parameters, &terms, text) != PARAMETERS_OK)
		return;
	ORACLE(memchr(parameters.envelope_id, '\0', ENVID_OCTETS_MAX) != NULL,
	    "no end");
	ORACLE(!has_controls(parameters.envelope_id,
	    strlen(parameters.envelope_id)), "controls in ENVID");
	text_init(&out, buffer, sizeof buffer);
	if (parameters.envelope_id[0] != '\0') {
		text_add(&out, " envid=");
		add_xtext(&out, parameters.envelope_id);
	}
	if (parameters.has_utf8)
		text_add(&out, " SMTPutf8");
	if (parameters.has_auth)
		text_add(&out, " AUTH=<>");
	if (parameters.returned != RETURN_UNSAID)
		text_add(&out, parameters.returned == RETURN_FULL ?
		    " RET=full" : " RET=hdrs");
	if (parameters.has_body)
		text_add(&out, " BODY=8bitmime");
	if (parameters.has_size) {
		text_add(&out, " SIZE=");
		text_add_number(&out, parameters.size);
	}
	if (strlen(parameters.envelope_id) > ENVID_OCTETS_MAX / 3 - 4)
		return;                 /* it may be too long as it stands now */
	ORACLE(mail_parameters_parse(&again, &terms, buffer) == PARAMETERS_OK,
	    "%s is refused now", buffer);
	ORACLE(again.has_size == parameters.has_size &&
	    (!again.has_size || again.size == parameters.size) &&
	    again.has_body == parameters.has_body &&
	    again.has_utf8 == parameters.has_utf8 &&
	    again.has_auth == parameters.has_auth &&
	    again.returned == parameters.returned &&
	    strcmp(again.envelope_id, parameters.envelope_id) == 0,
	    "%s is something else", buffer);
}

static void
fuzz_rcpt_parameters(const char *text)
{
	struct parameter_terms terms = { 0, true };
	struct rcpt_parameters parameters;
	size_t length;

	if (rcpt_parameters_parse(&parameters, &terms, text) != PARAMETERS_OK)
		return;
	ORACLE(memchr(parameters.original, '\0', ORCPT_OCTETS_MAX) != NULL,
	    "no end");
	length = strlen(parameters.original);
	ORACLE(!has_controls(parameters.original, length) &&
	    utf8_is_valid(parameters.original, length), "%s",
	    parameters.original);
	ORACLE(length == 0 || strchr(parameters.original, ';') != NULL, "%s",
	    parameters.original);
	ORACLE(!(parameters.notify & NOTIFY_NEVER) ||
	    parameters.notify == NOTIFY_NEVER, "NOTIFY %u", parameters.notify);
}

static bool
take_mailbox(void *context, const struct named_mailbox *mailbox)
{
	size_t *count = context, length = strlen(mailbox->name);

	ORACLE(length <= MAILBOX_NAME_OCTETS_MAX, "%zu octets", length);
	check_path(&mailbox->path);
	return ++*count < 100;
}

static void
fuzz_mailbox_list(const char *text, size_t length)
{
	struct named_mailbox mailbox, copy;
	const char *wrong = NULL;
	size_t count = 0;
	bool done;

	done = mailbox_list_parse(text, length, take_mailbox, &count, &wrong);
	ORACLE(wrong == NULL || (!done && wrong >= text &&
	    wrong <= text + length), "out of the text");
	if (strlen(text) != length || !mailbox_parse(&mailbox, text))
		return;
	ORACLE(count >= 1, "no list, but a mailbox: %s", text);
	mailbox_copy(&copy, &mailbox);
	check_path(&copy.path);
}

/* A header is the same in pieces and in one. */
static void
fuzz_header(const char *text, size_t length)
{
	struct header_scan whole, pieces;
	size_t all, sum = 0, at, size;

	header_scan_init(&whole);
	header_scan_init(&pieces);
	all = header_scan_add(&whole, text, length);
	ORACLE(all <= length, "%zu of %zu", all, length);
	for (at = 0; at < length && !pieces.ended; at += size) {
		size = 1 + at % 3;
		if (size > length - at)
			size = length - at;
		sum += header_scan_add(&pieces, text + at, size);
	}
	ORACLE(sum == all && whole.ended == pieces.ended &&
	    whole.lines == pieces.lines && whole.received == pieces.received &&
	    whole.has_date == pieces.has_date &&
	    whole.has_message_id == pieces.has_message_id &&
	    whole.has_eight_bits == pieces.has_eight_bits,
	    "%zu octets of header, in pieces %zu", all, sum);
}

static void
fuzz_xtext(const char *text, size_t length)
{
	char small[10], big[PARAMETERS_SIZE];
	bool fits = xtext_decode(text, length, small, sizeof small);
	bool is_xtext = xtext_decode(text, length, big, sizeof big);

	ORACLE(!is_xtext || (strlen(big) <= length &&
	    !has_controls(big, strlen(big))), "%s", big);
	ORACLE(!fits || (strlen(small) < sizeof small &&
	    is_xtext && strcmp(small, big) == 0), "%s", small);
}

void
target_take(const char *input, size_t length)
{
	struct address address;
	char *text;

	if (length == 0)
		return;
	text = copy_of(input + 1, --length);
	switch (*input) {
	case 'p':
		fuzz_path(text, length);
		break;
	case 'm':
		fuzz_mail_parameters(text);
		break;
	case 'r':
		fuzz_rcpt_parameters(text);
		break;
	case 'a':
		if (address_parse(&address, text, length))
			check_address(&address);
		break;
	case 'l':
		fuzz_mailbox_list(text, length);
		break;
	case 'h':
		fuzz_header(text, length);
		break;
	case 'x':
		fuzz_xtext(text, length);
		break;
	}
	free(text);
}
