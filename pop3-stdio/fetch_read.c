/* The command read: a message as people read it, as programs do, or raw. */
#include "pop3-stdio/fetch_commands.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "pop3-stdio/charset.h"
#include "pop3-stdio/fetch_show.h"
#include "pop3-stdio/fetch_spool.h"
#include "pop3-stdio/html_text.h"
#include "pop3-stdio/mime.h"
#include "pop3-stdio/text_output.h"
#include "stdio/failure.h"
#include "store/text.h"

/*
 * The part that is shown: the first plain text that is no attachment, else
 * the first such HTML; NULL where there is neither.
 */
static const struct mime_part *
choose(const struct mime *mime)
{
	static const char *const types[] = { "text/plain", "text/html",
	    "text/" };
	size_t type, i;

	for (type = 0; type < sizeof types / sizeof types[0]; type++)
		for (i = 0; i < mime->count; i++)
			if (mime_is(&mime->parts[i], types[type]) &&
			    !mime->parts[i].is_attachment)
				return &mime->parts[i];
	return NULL;
}

/* Whether it is told that there is this part, which is not the one shown. */
static bool
is_listed(const struct mime_part *part)
{
	return part->is_attachment || part->name[0] != '\0' ||
	    !part->is_alternative || !mime_is(part, "text/");
}

static void
put_charset(void *context, const char *octets, size_t length)
{
	charset_put(context, octets, length);
}

static void
put_html(void *context, const char *octets, size_t length)
{
	html_text_put(context, octets, length);
}

/* Transfer encoding, charset, HTML: what each gives the next one takes. */
static void
show_text(const struct mime_part *part, FILE *file, bool json)
{
	struct text_output output;
	struct html_text html;
	struct charset charset;
	struct sink to = text_output_begin(&output, json);
	bool is_html = mime_is(part, "text/html");

	if (is_html) {
		html_text_begin(&html, to);
		to = (struct sink){ put_html, &html };
	}
	charset_begin(&charset, part->charset, strlen(part->charset), to);
	mime_decode(part, file, (struct sink){ put_charset, &charset });
	charset_end(&charset);
	if (is_html)
		html_text_end(&html);
	text_output_end(&output);
}

static void
show_for_people(const struct mime *mime, FILE *file)
{
	const struct mime_part *shown = choose(mime);
	bool has_list = false;
	size_t i;

	show_header(&mime->header);
	putchar('\n');
	if (shown != NULL)
		show_text(shown, file, false);
	for (i = 0; i < mime->count; i++) {
		const struct mime_part *part = &mime->parts[i];

		if (part == shown || !is_listed(part))
			continue;
		if (!has_list && shown != NULL)
			putchar('\n');
		has_list = true;
		putchar('[');
		if (part->name[0] != '\0') {
			print_visible(stdout, part->name, strlen(part->name));
			fputs(", ", stdout);
		}
		print_visible(stdout, part->type, strlen(part->type));
		printf(", %" PRIu64 " octets]\n", mime_octets(part, file));
	}
}

static void
show_as_json(const struct mime *mime, FILE *file, uint64_t number)
{
	const struct mime_part *shown = choose(mime);
	const char *comma = "";
	size_t i;

	printf("{\"number\":%" PRIu64, number);
	show_json_header(&mime->header);
	fputs(",\"text\":\"", stdout);
	if (shown != NULL)
		show_text(shown, file, true);
	fputs("\",\"attachments\":[", stdout);
	for (i = 0; i < mime->count; i++) {
		const struct mime_part *part = &mime->parts[i];

		if (part == shown || !is_listed(part))
			continue;
		printf("%s{\"octets\":%" PRIu64, comma,
		    mime_octets(part, file));
		show_json("type", part->type, strlen(part->type));
		show_json("name", part->name, strlen(part->name));
		putchar('}');
		comma = ",";
	}
	puts("]}");
}

static bool
copy_raw(FILE *file, struct failure *failure)
{
	char buffer[32768];
	size_t got;

	rewind(file);
	while ((got = fread(buffer, 1, sizeof buffer, file)) > 0)
		if (fwrite(buffer, 1, got, stdout) != got)
			break;
	if (ferror(file))
		return failure_set(failure, EX_IOERR,
		    "cannot read a temporary file: %s", strerror(errno));
	return true;
}

static bool
show_message(const struct fetch *fetch, FILE *file, uint64_t number,
    struct failure *failure)
{
	static struct mime mime;        /* too big for a stack */

	if (fetch->raw)
		return copy_raw(file, failure);
	mime_read(&mime, file);
	if (fetch->json)
		show_as_json(&mime, file, number);
	else
		show_for_people(&mime, file);
	if (ferror(file))
		return failure_set(failure, EX_IOERR,
		    "cannot read a temporary file: %s", strerror(errno));
	return true;
}

/* "+OK" message-number octets, the answer to LIST with a number. */
static enum answer
ask_octets(struct fetch *fetch, uint64_t number, uint64_t *octets,
    struct failure *failure)
{
	char command[FETCH_COMMAND_SIZE], expected[FETCH_COMMAND_SIZE];
	enum answer answer;
	const char *text;
	size_t length;

	fetch_command(command, "LIST", number);
	fetch_send(fetch, command);
	answer = fetch_answer(fetch, command, &text, failure);
	if (answer != ANSWER_OK)
		return answer;
	fetch_command(expected, "", number);
	length = strlen(expected + 1);
	if (strncmp(text, expected + 1, length) == 0 && text[length] == ' ' &&
	    text_to_number(text + length + 1, strspn(text + length + 1,
	    "0123456789"), octets) && *octets != UINT64_MAX)
		return ANSWER_OK;
	(void)failure_set(failure, EX_UNAVAILABLE,
	    "%s answers %s with what is no size: %s", fetch->connection.name,
	    command, text);
	return ANSWER_NONE;
}

/* Fetches a message, and shows it when it is whole. */
static bool
read_message(struct fetch *fetch, FILE *file, uint64_t number,
    struct failure *failure)
{
	uint64_t octets;
	enum answer answer;

	answer = ask_octets(fetch, number, &octets, failure);
	if (answer == ANSWER_OK)
		answer = spool_message(fetch, fileno(file), number, octets,
		    failure);
	if (answer == ANSWER_REFUSED)
		fetch_note(fetch, failure);
	if (answer != ANSWER_OK)
		return answer == ANSWER_REFUSED;
	return show_message(fetch, file, number, failure);
}

bool
fetch_read(struct fetch *fetch, const struct operands *operands,
    struct failure *failure)
{
	bool done = true;
	size_t i;
	FILE *file;
	int spool;

	spool = spool_open(failure);
	if (spool == -1)
		return false;
	file = fdopen(spool, "r");
	if (file == NULL) {
		(void)close(spool);
		return failure_set(failure, EX_OSERR, "%s", strerror(errno));
	}
	for (i = 0; done && i < operands->count; i++) {
		if (i > 0 && !fetch->raw && !fetch->json)
			putchar('\n');
		done = read_message(fetch, file, operands->numbers[i],
		    failure);
	}
	(void)fclose(file);
	return done;
}
