/* Makes a message; see compose.h. */
#include "smtp-stdio/compose.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "smtp-stdio/attachment.h"
#include "smtp-stdio/field.h"
#include "smtp-stdio/mime_encode.h"
#include "smtp-stdio/trace.h"
#include "store/durable.h"
#include "store/random.h"
#include "store/text.h"

/* What came in: the octets that may be a header, and where the rest is. */
struct source {
	struct letter raw;
	char *text;             /* its first octets */
	size_t begin;           /* behind an mbox line, where one is first */
	size_t fields;          /* of the header, in octets from begin on */
	size_t body;            /* where the body begins */
	bool has_header;
	bool has_from, has_date, has_message_id;
	bool has_content;       /* a Content-Type or the like */
};

/* A header has at least one of these; a note that begins "Milk: 2" has none. */
static bool
is_known(const struct field *field)
{
	static const char *const names[] = {
		"From", "To", "Cc", "Bcc", "Subject", "Date", "Message-ID",
		"Received", "Return-Path", "MIME-Version", "Content-Type",
		"Sender", "Reply-To", NULL
	};
	size_t i;

	for (i = 0; names[i] != NULL; i++)
		if (field_is(field, names[i]))
			return true;
	return false;
}

static bool
is_content(const struct field *field)
{
	return field_is(field, "MIME-Version") || (field->name_length > 8 &&
	    text_equal_folded(field->start, 8, "content-", 8));
}

/* Looks whether what came in begins with a header. */
static void
look_for_header(struct source *source, size_t length)
{
	const char *end = source->text + length, *start, *at;
	struct field field;
	bool known = false;

	if (length >= 5 && memcmp(source->text, "From ", 5) == 0 &&
	    (at = memchr(source->text, '\n', length)) != NULL)
		source->begin = (size_t)(at + 1 - source->text);
	start = at = source->text + source->begin;
	while (field_next(&field, &at, end)) {
		known = known || is_known(&field);
		source->has_from |= field_is(&field, "From");
		source->has_date |= field_is(&field, "Date");
		source->has_message_id |= field_is(&field, "Message-ID");
		source->has_content |= is_content(&field);
	}
	source->fields = (size_t)(at - start);
	source->has_header = known && (at == end || *at == '\n');
	if (!source->has_header)
		source->begin = source->fields = 0;
	source->body = source->begin + source->fields +
	    (source->has_header && at < end);
}

static bool
read_source(struct source *source, int input, struct failure *failure)
{
	ssize_t got;

	if (!letter_read(&source->raw, input, failure))
		return false;
	source->text = malloc(HEADER_OCTETS_MAX + 1);
	if (source->text == NULL)
		return failure_set(failure, EX_OSERR, "there is no memory");
	got = durable_read_at(source->raw.file, source->text,
	    HEADER_OCTETS_MAX + 1, 0);
	if (got == -1)
		return failure_set(failure, EX_IOERR,
		    "cannot read the message: %s", strerror(errno));
	look_for_header(source, (size_t)got);
	if (source->fields >= HEADER_OCTETS_MAX)
		return failure_set(failure, EX_DATAERR,
		    "the message's header is longer than 1 MiB");
	return true;
}

static bool
take_sender(void *context, const struct named_mailbox *mailbox)
{
	mailbox_copy(context, mailbox);
	return false;                   /* the first one is enough */
}

/* The first mailbox in a field of the header. */
static bool
sender_of_field(const struct source *source, const char *name,
    struct named_mailbox *sender)
{
	const char *at = source->text + source->begin, *wrong;
	struct field field;

	while (field_next(&field, &at, source->text + source->begin +
	    source->fields))
		if (field_is(&field, name))
			return !mailbox_list_parse(field.value,
			    field.value_length, take_sender, sender, &wrong) &&
			    wrong == NULL;
	return false;
}

/* The user who runs this, on this host. */
static bool
own_mailbox(const struct composition *composition,
    struct named_mailbox *mailbox)
{
	const struct passwd *user = getpwuid(geteuid());
	const char *name = user != NULL ? user->pw_name : getenv("LOGNAME");
	char address[600];
	struct text text;

	text_init(&text, address, sizeof address);
	text_add(&text, name != NULL ? name : "nobody");
	text_add(&text, "@");
	text_add(&text, composition->hostname);
	return mailbox_parse(mailbox, address);
}

/* Finds the reverse-path: what was said, else what is most likely meant. */
static bool
find_sender(struct composition *composition, const struct source *source,
    struct failure *failure)
{
	struct named_mailbox *sender = &composition->sender;
	const char *from = composition->from, *rest;

	if (from != NULL && (*from == '\0' || strcmp(from, "<>") == 0)) {
		sender->name[0] = '\0';
		return path_parse(&sender->path, "<>", &rest);
	}
	if (from != NULL)
		return mailbox_parse(sender, from) || failure_set(failure,
		    EX_USAGE, "-f wants an address, not %s", from);
	if (sender_of_field(source, "Sender", sender) ||
	    sender_of_field(source, "From", sender))
		return true;
	if (composition->user != NULL &&
	    strchr(composition->user, '@') != NULL &&
	    mailbox_parse(sender, composition->user))
		return true;
	return own_mailbox(composition, sender) || failure_set(failure,
	    EX_USAGE, "this user and host make no address: name one by -f");
}

static bool
take_recipient(void *context, const struct named_mailbox *mailbox)
{
	return recipients_add(context, mailbox);
}

/* Adds those that the header names (RFC 5322 section 3.6.3). */
static bool
take_recipients(struct composition *composition, const struct source *source,
    struct failure *failure)
{
	const char *at = source->text + source->begin, *wrong = NULL;
	struct field field;

	if (!source->has_header)
		return failure_set(failure, EX_DATAERR,
		    "-t wants a message with a header: this one has none");
	while (field_next(&field, &at, source->text + source->begin +
	    source->fields)) {
		if (!field_is(&field, "To") && !field_is(&field, "Cc") &&
		    !field_is(&field, "Bcc"))
			continue;
		if (!mailbox_list_parse(field.value, field.value_length,
		    take_recipient, &composition->recipients, &wrong))
			return failure_set(failure, EX_DATAERR,
			    "there is no address in the header at: %.60s",
			    wrong != NULL ? wrong : "(no memory)");
	}
	return true;
}

/* Prints the fields that stay in the header, or go with the content into the
 * first part. */
static void
print_kept(FILE *out, const struct composition *composition,
    const struct source *source, bool content)
{
	const char *at = source->text + source->begin;
	const char *end = at + source->fields;
	struct field field;

	while (field_next(&field, &at, end)) {
		if ((composition->takes_recipients && field_is(&field, "Bcc")) ||
		    (composition->subject != NULL &&
		    field_is(&field, "Subject")) ||
		    (composition->attachment_count > 0 &&
		    is_content(&field)) != content ||
		    (content && field_is(&field, "MIME-Version")))
			continue;
		(void)fwrite(field.start, 1, field.length, out);
		if (field.start[field.length - 1] != '\n')
			putc('\n', out);
	}
}

static void
print_to(FILE *out, const struct recipients *recipients)
{
	size_t i;

	for (i = 0; i < recipients->count; i++) {
		fputs(i == 0 ? "To: " : ",\n\t", out);
		mailbox_print(out, recipients->list[i]->name,
		    recipients->list[i]->address);
	}
	if (i > 0)
		putc('\n', out);
}

/* The fields that are wanted and not there (RFC 5322 section 3.6). */
static bool
print_missing(FILE *out, const struct composition *composition,
    const struct source *source, struct failure *failure)
{
	struct named_mailbox from = composition->sender;
	char name[RANDOM_NAME_SIZE], line[128];
	int64_t now = (int64_t)time(NULL);
	struct text date;

	if (random_name(name) == -1)
		return failure_set(failure, EX_OSERR,
		    "the kernel gives no random octets");
	if (!source->has_from) {
		if (from.path.text[0] == '\0')
			(void)own_mailbox(composition, &from);
		fputs("From: ", out);
		mailbox_print(out, from.name, from.path.text);
		putc('\n', out);
	}
	if (!source->has_header)
		print_to(out, &composition->recipients);
	if (composition->subject != NULL)
		field_print(out, "Subject", composition->subject);
	if (!source->has_date) {
		text_init(&date, line, sizeof line);
		date_write(&date, now);
		fprintf(out, "Date: %s\n", line);
	}
	if (!source->has_message_id)
		fprintf(out, "Message-ID: <%lld.%s@%s>\n", (long long)now,
		    name, composition->hostname);
	return true;
}

/* As it is where that can be, else what gets shorter. */
static enum transfer_encoding
choose_encoding(const struct content *content)
{
	if (content_is_seven_bit(content))
		return ENCODING_7BIT;
	return content->eight_bits > content->octets / 5 || content->has_nul ?
	    ENCODING_BASE64 : ENCODING_QUOTED_PRINTABLE;
}

/* The header of a body that had none. */
static enum transfer_encoding
print_text_header(FILE *out, const struct content *content)
{
	enum transfer_encoding encoding = choose_encoding(content);

	fputs("Content-Type: text/plain", out);
	parameter_print(out, "charset", charset_name(content));
	fprintf(out, "\nContent-Transfer-Encoding: %s\n",
	    transfer_encoding_name(encoding));
	return encoding;
}

/* Puts what is to stand behind the head into a file of its own. */
static bool
print_body(struct composition *composition, const struct source *source,
    const struct content *content, const char *boundary,
    struct failure *failure)
{
	FILE *out = letter_temporary(failure);
	enum transfer_encoding encoding = ENCODING_7BIT;
	bool made = out != NULL;
	size_t i;

	if (!made)
		return false;
	if (boundary != NULL) {
		fprintf(out, "--%s\n", boundary);
		if (!source->has_header)
			encoding = print_text_header(out, content);
		else
			print_kept(out, composition, source, true);
		putc('\n', out);
	} else
		encoding = choose_encoding(content);
	if (!encoded_copy(out, source->raw.file, source->body, encoding))
		made = failure_set(failure, EX_IOERR,
		    "cannot read the message: %s", strerror(errno));
	for (i = 0; made && i < composition->attachment_count; i++) {
		fprintf(out, "\n--%s\n", boundary);
		made = attachment_print(out, composition->attachments[i],
		    failure);
	}
	if (boundary != NULL)
		fprintf(out, "\n--%s--\n", boundary);
	if (made && (fflush(out) == EOF || ferror(out)))
		made = failure_set(failure, EX_CANTCREAT,
		    "cannot keep a copy of the message: %s", strerror(errno));
	if (made)
		composition->letter.file = fcntl(fileno(out), F_DUPFD_CLOEXEC,
		    3);
	(void)fclose(out);
	return made;
}

/* Makes the letter where what came in has to be changed. */
static bool
make_letter(struct composition *composition, struct source *source,
    struct failure *failure)
{
	struct letter *letter = &composition->letter;
	char boundary[RANDOM_NAME_SIZE + 8] = "=_";
	bool is_multipart = composition->attachment_count > 0, made;
	struct content content;
	FILE *out;

	if (content_scan(&content, source->raw.file, source->body) == -1 ||
	    random_name(boundary + 2) == -1 ||
	    (out = open_memstream(&letter->head, &letter->head_length)) == NULL)
		return failure_set(failure, EX_OSERR,
		    "cannot make the message: %s", strerror(errno));
	print_kept(out, composition, source, false);
	made = print_missing(out, composition, source, failure);
	if (is_multipart)
		fprintf(out, "MIME-Version: 1.0\nContent-Type: multipart/mixed;"
		    "\n boundary=\"%s\"\n", boundary);
	else if (!source->has_header) {
		fputs("MIME-Version: 1.0\n", out);
		(void)print_text_header(out, &content);
	}
	putc('\n', out);
	if (fclose(out) == EOF)
		return failure_set(failure, EX_OSERR, "there is no memory");
	if (!made)
		return false;
	if (is_multipart || (!source->has_header &&
	    choose_encoding(&content) != ENCODING_7BIT))
		return print_body(composition, source, &content,
		    is_multipart ? boundary : NULL, failure);
	letter->file = source->raw.file;        /* as it came */
	letter->offset = source->body;
	source->raw.file = -1;
	return true;
}

/* What is sent as it came has to be what may be sent (RFC 5321 2.3.8). */
static bool
may_be_sent(const struct content *content, struct failure *failure)
{
	if (content->has_nul)
		return failure_set(failure, EX_DATAERR,
		    "the message has a NUL in it, which mail cannot carry "
		    "outside of an attachment");
	if (content->has_bare_cr)
		return failure_set(failure, EX_DATAERR,
		    "the message has a CR in it that ends no line, which mail "
		    "cannot carry outside of an attachment");
	return true;
}

bool
compose(struct composition *composition, int input, struct failure *failure)
{
	struct source source = { .begin = 0 };
	struct letter *letter = &composition->letter;
	bool made;

	letter_init(&source.raw);
	made = read_source(&source, input, failure) &&
	    find_sender(composition, &source, failure) &&
	    (!composition->takes_recipients ||
	    take_recipients(composition, &source, failure));
	recipients_make_unique(&composition->recipients);
	if (made && source.has_header && composition->subject == NULL &&
	    !composition->takes_recipients &&
	    composition->attachment_count == 0) {
		letter->file = source.raw.file;
		letter->offset = source.begin;
		source.raw.file = -1;
	} else if (made)
		made = make_letter(composition, &source, failure);
	free(source.text);
	letter_free(&source.raw);
	if (!made)
		return false;
	return letter_measure(letter, failure) &&
	    may_be_sent(&letter->content, failure);
}

void
composition_free(struct composition *composition)
{
	recipients_free(&composition->recipients);
	letter_free(&composition->letter);
}
