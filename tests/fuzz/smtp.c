/*
 * Fuzzes smtp-stdio: whole sessions of SMTP and LMTP on descriptors 0 and 1,
 * by the code that the program runs, with a mail root.  An input is a line of
 * flags (see the table), and what the client sends.
 *
 * Beside the replies it is looked at what has been delivered: a message for
 * each 250, with the client's octets and no header that was not made by us,
 * and nothing else but copies for those who forward, and reports.
 */
#include "smtp-stdio/session.h"

#include <stdio.h>
#include <string.h>

#include "stdio/log.h"
#include "stdio/proxy.h"
#include "tests/fuzz/mail_files.h"
#include "tests/fuzz/smtp_judge.h"
#include "tests/fuzz/target.h"
#include "tests/fuzz/wire.h"

/* The letters of the first line, and the flags of the program that they are. */
static const struct {
	char letter, flag;
	const char *value;
} letters[] = {
	{ 'a', 'a', NULL },
	{ 'b', 'b', NULL },
	{ 'c', 'c', NULL },
	{ 'e', 'e', "3" },
	{ 'g', 'g', NULL },
	{ 'l', 'l', NULL },
	{ 'm', 'm', "2000" },
	{ 'n', 'n', NULL },
	{ 'p', 'p', NULL },
	{ 'P', 'P', NULL },
	{ 'r', 'r', "2" },
	{ 's', 's', NULL },
	{ 'T', 'T', "/bin/sh" },
	{ 'v', 'v', NULL },
	{ 'C', 'X', "CHUNKING" },
	{ 'D', 'X', "DSN" },
	{ 'E', 'X', "ENHANCEDSTATUSCODES" },
	{ 'U', 'X', "SMTPUTF8" },
	{ 'R', 'x', "RCPT/2=452 4.5.3 Too many" },
	{ 'O', 'x', ".=451 4.3.0 Try later" },
};

static struct session session;
static struct smtp_verdict verdict;

/* What was found in the mailboxes. */
struct harvest {
	bool adds_header;
	size_t others;                  /* copies and reports */
};

void
target_begin(void)
{
	wire_begin();
	log_open("smtp-stdio");
	mail_files_begin();
}

static void
set_flag(struct settings *settings, char flag, const char *value)
{
	switch (flag) {
	case 'a':
		settings->submission = true;
		break;
	case 'b':
		settings->bounce = true;
		break;
	case 'c':
		settings->create_accounts = true;
		break;
	case 'l':
		settings->lmtp = true;
		break;
	case 'm':
		settings->size_max = (uint64_t)strtoull(value, NULL, 10);
		break;
	case 'r':
		settings->recipients_max = (uint64_t)strtoull(value, NULL, 10);
		break;
	default:
		ORACLE(options_take(&settings->common, flag, value) == NULL,
		    "-%c", flag);
	}
}

static void
set_flags(struct settings *settings, const char *flags)
{
	size_t i;

	options_init(&settings->common, "smtp-stdio", smtp_keywords, 300);
	settings->common.root = mail_files_root();
	settings->common.hostname = "mail.example.com";
	settings->size_max = (uint64_t)50 << 20;
	settings->recipients_max = 1000;
	for (; *flags != '\0'; flags++)
		for (i = 0; i < sizeof letters / sizeof letters[0]; i++)
			if (letters[i].letter == *flags)
				set_flag(settings, letters[i].flag,
				    letters[i].value);
}

static bool
begins_with(const char *text, const char *words)
{
	return strncmp(text, words, strlen(words)) == 0;
}

static const char *
next_line(const char *text)
{
	const char *lf = strchr(text, '\n');

	ORACLE(lf != NULL, "a line without an end: %.60s", text);
	return lf + 1;
}

/*
 * What stands before the client's octets are the header lines that we have
 * put on top, and no other: not one that came with a name or an address.
 */
static void
check_trace(const char *at, const char *end)
{
	ORACLE(begins_with(at, "Return-Path: <"), "%.60s", at);
	at = next_line(at);
	while (begins_with(at, "Delivered-To: "))
		at = next_line(at);
	ORACLE(begins_with(at, "Received: from "), "%.60s", at);
	do
		at = next_line(at);
	while (at < end && (*at == '\t' || *at == ' '));
	ORACLE(at == end, "%.60s", at);
}

static void
check_content(const struct mail_file *file, const struct accepted *accepted)
{
	const char *text = file->content + file->length - accepted->length;

	ORACLE(file->length > accepted->length && memcmp(text, accepted->text,
	    accepted->length) == 0, "%s is not what was sent", file->name);
	check_trace(file->content, text);
}

/* The id in the name of a file: SECONDS.ID.HOST, or ID in the queue. */
static bool
has_id(const char *name, const char *id)
{
	size_t length = strlen(id);
	const char *dot = strchr(name, '.');

	return strcmp(name, id) == 0 || (dot != NULL &&
	    strncmp(dot + 1, id, length) == 0 &&
	    dot[1 + length] == '.');
}

static void
see(void *context, const struct mail_file *file)
{
	struct harvest *harvest = context;
	size_t i;

	ORACLE(strcmp(file->part, "cur") != 0, "%s in cur/", file->name);
	ORACLE(memchr(file->content, '\0', file->length) == NULL &&
	    memchr(file->content, '\r', file->length) == NULL,
	    "a CR or a NUL in %s", file->name);
	if (file->user[0] != '\0')
		mail_file_check_sizes(file);
	for (i = 0; i < verdict.accepted_count; i++) {
		struct accepted *accepted = &verdict.accepted[i];

		if (!has_id(file->name, accepted->id))
			continue;
		accepted->is_found = true;
		if (!harvest->adds_header)
			check_content(file, accepted);
		return;
	}
	ORACLE(verdict.accepted_count > 0, "%s without a 250", file->name);
	ORACLE(strstr(file->content, "\nDelivered-To: ") != NULL ||
	    (begins_with(file->content, "Return-Path: <>\n") &&
	    strstr(file->content, "multipart/report") != NULL),
	    "%s is nothing that anybody has sent", file->name);
	harvest->others++;
}

static void
check_mailboxes(bool adds_header)
{
	struct harvest harvest = { adds_header, 0 };
	size_t missing = 0, i;

	mail_files_each(see, &harvest);
	for (i = 0; i < verdict.accepted_count; i++)
		missing += !verdict.accepted[i].is_found;
	ORACLE(missing <= harvest.others, "%zu accepted messages of %zu are "
	    "nowhere", missing, verdict.accepted_count);
}

/* How long the PROXY header is, where there is one and has to be. */
static size_t
skip_proxy_header(const struct settings *settings, const char *octets,
    size_t length)
{
	struct peer peer = { PEER_UNKNOWN, "unknown", "" };
	size_t header;

	return settings->common.proxy && proxy_parse(octets, length, &peer,
	    &header) == PROXY_OK && header <= length ? header : 0;
}

void
target_take(const char *input, size_t length)
{
	struct peer peer = { PEER_IPV4, "192.0.2.1", "4321" };
	char flags[WIRE_FLAGS_MAX + 1];
	struct settings settings = { .size_max = 0 };
	struct smtp_terms terms = { .lmtp = false };
	size_t start = wire_flags(input, length, flags), output_length;
	enum session_end end;
	const char *output;

	memset(&session, 0, sizeof session);
	set_flags(&settings, flags);
	wire_connect(input + start, length - start);
	end = session_run(&session, &settings, &peer);
	root_close(&session.root);
	output = wire_output(&output_length);
	start += skip_proxy_header(&settings, input + start, length - start);
	terms.lmtp = settings.lmtp;
	terms.lf_ends_lines = settings.common.lf_ends_lines;
	terms.greeted = settings.common.greeted || end == END_NO_PROXY_HEADER;
	terms.plain_codes = (settings.common.left_out &
	    KEYWORD_ENHANCEDSTATUSCODES) != 0;
	terms.has_rules = settings.common.rules.count > 0;
	terms.server_ended = end != END_CLOSED;
	terms.size_max = settings.size_max;
	smtp_judge(&verdict, &terms, input + start, length - start, output,
	    output_length);
	check_mailboxes(settings.submission);
	smtp_verdict_free(&verdict);
	wire_check_log(4 * verdict.replies + 4000);
	mail_files_clear();
}
