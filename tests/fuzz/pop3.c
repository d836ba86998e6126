/*
 * Fuzzes pop3-stdio: whole sessions on descriptors 0 and 1, in both of its
 * processes, by the code that the program runs, with a mailbox of messages of
 * all kinds.  An input is a line of flags (see the table), and what the
 * client sends.
 *
 * Beside the replies it is looked at what is left in the mailbox: all but
 * what was marked by DELE in a session that ended by QUIT.
 */
#include "pop3-stdio/session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stdio/log.h"
#include "stdio/proxy.h"
#include "store/maildir.h"
#include "tests/fuzz/mail_files.h"
#include "tests/fuzz/pop3_judge.h"
#include "tests/fuzz/target.h"
#include "tests/fuzz/wire.h"

/* Whoever logs in finds the same messages. */
static const char *const mailboxes[] = {
	"mail/example.com/alice/", "mail/example.com/bob/"
};
#define MAILBOXES (sizeof mailboxes / sizeof mailboxes[0])

/* The letters of the first line, and the flags of the program that they are. */
static const struct {
	char letter, flag;
	const char *value;
} letters[] = {
	{ 'e', 'e', "3" },
	{ 'g', 'g', NULL },
	{ 'n', 'n', NULL },
	{ 'p', 'p', NULL },
	{ 'P', 'P', NULL },
	{ 's', 's', NULL },
	{ 'T', 'T', "/bin/sh" },
	{ 'v', 'v', NULL },
	{ 'U', 'X', "USER" },
	{ 'R', 'X', "RESP-CODES" },
};

/* The messages: with and without sizes in the name, right and wrong ones. */
static const struct {
	const char *path, *text;
} stored[POP3_MESSAGES] = {
	{ "new/1000000001.a.host,S=26,W=32", "Subject: one\n\nfirst\nlast\nx" },
	{ "new/1000000002.b.host", "Subject: dots\n\n.\n..\n.dot\n" },
	{ "cur/1000000003.c.host:2,S", "Subject: no end\n\nno end" },
	{ "cur/1000000004.d.host,S=7,W=8:2,", "Subject: wrong\n\nsize\n" },
	{ "new/1000000005.e.host", "Subject: CRLF\r\n\r\ntext\r\nLF\n\r\n" },
	{ "new/1000000006.f.host", "" },
	{ "cur/1000000007.g.host:2,RS", "Subject: header alone\n" },
	{ "new/1000000008.h.host,S=19,W=25", "A: b\n\n\n\xff\x01\rz\n.\nmore\n" },
};

static struct pop3_message messages[POP3_MESSAGES];
static char ids[POP3_MESSAGES][BASE_NAME_OCTETS_MAX + 1];
static struct session session;

/* Where the header of a message ends, with its empty line, CRLF or LF. */
static size_t
header_length_of(const char *wire, size_t length)
{
	size_t start = 0, i;

	for (i = 0; i < length; i++) {
		if (wire[i] != '\n')
			continue;
		if (i - start <= 1)
			return i + 1;
		start = i + 1;
	}
	return length;
}

/* As it comes over the wire: CRLF for each LF, and one at the end. */
static void
make_wire(struct pop3_message *message, const char *text)
{
	char *wire = malloc(2 * strlen(text) + 3);
	size_t length = 0;

	ORACLE(wire != NULL, "no memory");
	for (; *text != '\0'; text++) {
		if (*text == '\n' && (length == 0 || wire[length - 1] != '\r'))
			wire[length++] = '\r';
		wire[length++] = *text;
	}
	if (length > 0 && wire[length - 1] != '\n') {
		wire[length++] = '\r';
		wire[length++] = '\n';
	}
	message->wire = wire;
	message->length = length;
	message->header_length = header_length_of(wire, length);
}

static void
make_path(char *path, size_t size, const char *middle, const char *name)
{
	int length = snprintf(path, size, "%s/%s%s", mail_files_root(), middle,
	    name);

	ORACLE(length > 0 && (size_t)length < size, "a path too long");
}

static void
make_path_of_kept(char *path, size_t size, size_t number)
{
	char name[32];

	(void)snprintf(name, sizeof name, "%zu", number);
	make_path(path, size, "../kept-", name);
}

/* Writes a message once; later it is linked into the mailbox. */
static void
keep(size_t number, const char *text)
{
	size_t length = strlen(text);
	char path[4096];
	int file;

	make_path_of_kept(path, sizeof path, number);
	file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	ORACLE(file != -1 && write(file, text, length) == (ssize_t)length,
	    "%s: %s", path, strerror(errno));
	(void)close(file);
}

void
target_begin(void)
{
	size_t i;

	wire_begin();
	log_open("pop3-stdio");
	mail_files_begin();
	for (i = 0; i < POP3_MESSAGES; i++) {
		const char *name = strchr(stored[i].path, '/') + 1;

		memcpy(ids[i], name, maildir_base_length(name));
		messages[i].id = ids[i];
		make_wire(&messages[i], stored[i].text);
		keep(i, stored[i].text);
	}
}

static void
fill_mailbox(void)
{
	char from[4096], to[4096];
	size_t number, i;

	mail_files_clear();
	for (i = 0; i < POP3_MESSAGES * MAILBOXES; i++) {
		number = i / MAILBOXES;
		make_path_of_kept(from, sizeof from, number);
		make_path(to, sizeof to, mailboxes[i % MAILBOXES],
		    stored[number].path);
		ORACLE(link(from, to) == 0, "%s: %s", to, strerror(errno));
	}
}

static void
set_flags(struct settings *settings, const char *flags)
{
	size_t i;

	options_init(&settings->common, "pop3-stdio", pop3_keywords, 600);
	settings->common.root = mail_files_root();
	settings->common.hostname = "mail.example.com";
	for (; *flags != '\0'; flags++)
		for (i = 0; i < sizeof letters / sizeof letters[0]; i++)
			if (letters[i].letter == *flags)
				ORACLE(options_take(&settings->common,
				    letters[i].flag, letters[i].value) == NULL,
				    "-%c", letters[i].flag);
}

/* How often each message was found in the mailboxes. */
struct harvest {
	size_t counts[POP3_MESSAGES];
};

static void
see(void *context, const struct mail_file *file)
{
	struct harvest *harvest = context;
	size_t length = maildir_base_length(file->name), i;

	for (i = 0; i < POP3_MESSAGES; i++)
		if (same(file->name, length, ids[i], strlen(ids[i])))
			break;
	ORACLE(i < POP3_MESSAGES && same(file->content, file->length,
	    stored[i].text, strlen(stored[i].text)), "%s is another",
	    file->name);
	harvest->counts[i]++;
}

/* Gone is what was deleted, from one mailbox, and nothing else. */
static void
check_mailboxes(const struct pop3_verdict *verdict)
{
	struct harvest harvest = { { 0 } };
	size_t gone = 0, deleted = 0, i;

	mail_files_each(see, &harvest);
	for (i = 0; i < POP3_MESSAGES; i++) {
		bool is_deleted = verdict->is_over && verdict->deletes[i];
		const struct pop3_message *known = verdict->known[i];

		deleted += is_deleted;
		gone += MAILBOXES - harvest.counts[i];
		ORACLE(known == NULL || harvest.counts[known - messages] ==
		    MAILBOXES - is_deleted, "message %zu is there %zu times",
		    i + 1, harvest.counts[known - messages]);
	}
	ORACLE(gone == deleted, "%zu messages are gone, not %zu", gone,
	    deleted);
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
	struct settings settings;
	struct pop3_terms terms = { .messages = messages };
	struct pop3_verdict verdict;
	size_t start = wire_flags(input, length, flags), output_length;
	enum session_end end;
	const char *output;

	fill_mailbox();
	memset(&session, 0, sizeof session);
	set_flags(&settings, flags);
	wire_connect(input + start, length - start);
	end = session_run(&session, &settings, &peer);
	output = wire_output(&output_length);
	start += skip_proxy_header(&settings, input + start, length - start);
	terms.lf_ends_lines = settings.common.lf_ends_lines;
	terms.greeted = settings.common.greeted || end == END_NO_PROXY_HEADER;
	terms.server_ended = end != END_CLOSED;
	pop3_judge(&verdict, &terms, input + start, length - start, output,
	    output_length);
	check_mailboxes(&verdict);
	wire_check_log(4 * verdict.replies + 100);
}
