/* Envelopes of messages for other hosts; see outgoing_envelope.h. */
#include "store/outgoing_envelope.h"

#include <stdlib.h>
#include <string.h>

#include "store/durable.h"
#include "store/text.h"

/* A line without its texts: words, numbers, brackets. */
#define LINE_OCTETS_MAX 64

void
outgoing_init(struct outgoing *outgoing, int64_t arrived)
{
	memset(outgoing, 0, sizeof *outgoing);
	outgoing->arrived = arrived;
	outgoing->copy = -1;
}

static bool
has_controls(const char *text)
{
	for (; *text != '\0'; text++)
		if (text_is_control(*text))
			return true;
	return false;
}

/*
 * How long a path is: to its NUL, or to a ">" that no Quoted-string holds
 * (RFC 5321 section 4.1.2); *is_open: a Quoted-string in it has no end.
 */
static size_t
path_length(const char *path, bool *is_open)
{
	size_t i;

	*is_open = false;
	for (i = 0; path[i] != '\0'; i++) {
		if (path[i] == '"')
			*is_open = !*is_open;
		else if (path[i] == '\\' && *is_open && path[i + 1] != '\0')
			i++;
		else if (path[i] == '>' && !*is_open)
			break;
	}
	return i;
}

/* Whether path and parameters can be read again from a line. */
static bool
can_be_kept(const char *path, const char *parameters)
{
	bool is_open;

	return path[path_length(path, &is_open)] == '\0' && !is_open &&
	    !has_controls(path) && !has_controls(parameters);
}

/* Digits and dots, which is as much as has to be known of a status. */
static bool
is_status(const char *text)
{
	size_t length = strspn(text, "0123456789.");

	return length > 0 && length < OUTGOING_STATUS_SIZE &&
	    text[length] == '\0';
}

static const char *
keep(struct outgoing *outgoing, const char *text)
{
	return *text == '\0' ? "" : names_keep(&outgoing->names, text);
}

/* Keeps path and parameters; false where that cannot be. */
static bool
keep_both(struct outgoing *outgoing, const char **path,
    const char **parameters, size_t more)
{
	size_t octets = strlen(*path) + strlen(*parameters) + more;

	if (octets > OUTGOING_OCTETS_MAX - outgoing->octets ||
	    !can_be_kept(*path, *parameters))
		return false;
	*path = keep(outgoing, *path);
	*parameters = keep(outgoing, *parameters);
	if (*path == NULL || *parameters == NULL)
		return false;
	outgoing->octets += octets;
	return true;
}

bool
outgoing_set_sender(struct outgoing *outgoing, const char *reverse_path,
    const char *parameters)
{
	if (!keep_both(outgoing, &reverse_path, &parameters,
	    3 * LINE_OCTETS_MAX))
		return false;
	outgoing->reverse_path = reverse_path;
	outgoing->parameters = parameters;
	return true;
}

static bool
make_room(struct outgoing *outgoing)
{
	size_t room = outgoing->room == 0 ? 16 : 2 * outgoing->room;
	struct outgoing_recipient *recipients;

	if (outgoing->count < outgoing->room)
		return true;
	recipients = realloc(outgoing->recipients, room * sizeof *recipients);
	if (recipients == NULL)
		return false;
	outgoing->recipients = recipients;
	outgoing->room = room;
	return true;
}

bool
outgoing_add_recipient(struct outgoing *outgoing, const char *path,
    const char *parameters)
{
	struct outgoing_recipient *recipient;

	if (*path == '\0' || !make_room(outgoing) || !keep_both(outgoing,
	    &path, &parameters, 2 * LINE_OCTETS_MAX + OUTGOING_SERVER_SIZE +
	    OUTGOING_SAID_SIZE))
		return false;
	recipient = &outgoing->recipients[outgoing->count++];
	memset(recipient, 0, sizeof *recipient);
	recipient->state = OUTGOING_WAITING;
	recipient->due = outgoing->arrived;
	recipient->path = path;
	recipient->parameters = parameters;
	recipient->server = recipient->said = "";
	return true;
}

/* What others have said, cut and without control characters. */
static void
clean(char *to, size_t size, const char *from, bool has_blanks)
{
	struct text text;

	text_init(&text, to, size);
	for (; *from != '\0'; from++)
		text_add_octet(&text, text_is_control(*from) ||
		    (*from == ' ' && !has_blanks) ? '?' : *from);
}

/* What is no status at all becomes one that says no more than the state does. */
static void
set_status(struct outgoing_recipient *recipient, const char *status)
{
	struct text text;

	text_init(&text, recipient->status, sizeof recipient->status);
	if (recipient->state == OUTGOING_WAITING)
		return;
	if (!is_status(status))
		status = recipient->state == OUTGOING_FAILED ? "5.0.0" :
		    "2.0.0";
	text_add(&text, status);
}

bool
outgoing_book(struct outgoing *outgoing, size_t index,
    enum outgoing_state state, const char *status, const char *server,
    const char *said)
{
	struct outgoing_recipient *recipient = &outgoing->recipients[index];
	char by[OUTGOING_SERVER_SIZE], words[OUTGOING_SAID_SIZE];

	clean(by, sizeof by, server, false);
	clean(words, sizeof words, said, true);
	server = keep(outgoing, by);
	said = keep(outgoing, words);
	if (server == NULL || said == NULL)
		return false;
	recipient->state = state;
	recipient->server = server;
	recipient->said = said;
	set_status(recipient, status);
	return true;
}

void
outgoing_drop(struct outgoing *outgoing, size_t index)
{
	struct outgoing_recipient *recipient = &outgoing->recipients[index];

	memmove(recipient, recipient + 1,
	    (--outgoing->count - index) * sizeof *recipient);
}

int64_t
outgoing_due(const struct outgoing *outgoing)
{
	int64_t due = INT64_MAX;
	size_t i;

	for (i = 0; i < outgoing->count; i++) {
		const struct outgoing_recipient *recipient =
		    &outgoing->recipients[i];

		if (recipient->state != OUTGOING_WAITING)
			return outgoing->arrived;
		if (recipient->due < due)
			due = recipient->due;
	}
	return due;
}

static void
add_seconds(struct text *text, int64_t seconds)
{
	text_add_number(text, seconds < 0 ? 0 : (uint64_t)seconds);
}

/* path and parameters, to the end of the line */
static void
add_path(struct text *text, const char *path, const char *parameters)
{
	text_add(text, " <");
	text_add(text, path);
	text_add_octet(text, '>');
	if (*parameters != '\0') {
		text_add_octet(text, ' ');
		text_add(text, parameters);
	}
	text_add_octet(text, '\n');
}

static void
add_recipient(struct text *text, const struct outgoing_recipient *recipient)
{
	switch (recipient->state) {
	case OUTGOING_WAITING:
		text_add(text, "to ");
		text_add_number(text, recipient->tries);
		text_add_octet(text, ' ');
		add_seconds(text, recipient->due);
		break;
	case OUTGOING_FAILED:
		text_add(text, "failed ");
		break;
	case OUTGOING_RELAYED:
		text_add(text, "relayed ");
		break;
	}
	text_add(text, recipient->status);
	add_path(text, recipient->path, recipient->parameters);
	if (*recipient->server == '\0' && *recipient->said == '\0')
		return;
	text_add(text, "said ");
	text_add(text, recipient->server);
	text_add(text, ": ");
	text_add(text, recipient->said);
	text_add_octet(text, '\n');
}

enum store_error
outgoing_to_text(const struct outgoing *outgoing, char **text, size_t *length)
{
	struct text out;
	size_t i;

	*text = malloc(outgoing->octets + 1);
	if (*text == NULL)
		return STORE_FULL;
	text_init(&out, *text, outgoing->octets + 1);
	text_add(&out, "arrived ");
	add_seconds(&out, outgoing->arrived);
	text_add(&out, "\nfrom");
	add_path(&out, outgoing->reverse_path, outgoing->parameters);
	if (outgoing->is_warned)
		text_add(&out, "warned\n");
	for (i = 0; i < outgoing->count; i++)
		add_recipient(&out, &outgoing->recipients[i]);
	*length = out.length;
	return STORE_OK;
}

/* Takes a word off *line, with the blank behind it; NULL where there is none. */
static char *
take_word(char **line)
{
	char *word = *line, *end = strchr(word, ' ');

	if (end == NULL || end == word)
		return NULL;
	*end = '\0';
	*line = end + 1;
	return word;
}

static bool
read_number(const char *word, uint64_t most, uint64_t *number)
{
	return word != NULL && text_to_number(word, strlen(word), number) &&
	    *number <= most;
}

/* "<" path ">" [ " " parameters ] to the end of the line */
static bool
read_path(char *line, char **path, char **parameters)
{
	bool is_open;
	char *end;

	if (*line != '<')
		return false;
	*path = line + 1;
	end = *path + path_length(*path, &is_open);
	if (*end == '\0' || (end[1] != '\0' &&
	    (end[1] != ' ' || end[2] == '\0')))
		return false;
	*parameters = end[1] == '\0' ? end + 1 : end + 2;
	*end = '\0';
	return true;
}

static enum store_error
read_sender(struct outgoing *outgoing, char *line)
{
	char *path, *parameters;

	if (!read_path(line, &path, &parameters) ||
	    !can_be_kept(path, parameters))
		return STORE_MALFORMED;
	return outgoing_set_sender(outgoing, path, parameters) ? STORE_OK :
	    STORE_FULL;
}

/* What stands behind "to", "failed" or "relayed". */
static enum store_error
read_recipient(struct outgoing *outgoing, enum outgoing_state state,
    char *line)
{
	uint64_t tries = 0, due = 0;
	struct outgoing_recipient *recipient;
	char *path, *parameters;
	const char *status = "";

	if (state == OUTGOING_WAITING) {
		if (!read_number(take_word(&line), UINT32_MAX, &tries) ||
		    !read_number(take_word(&line), INT64_MAX, &due))
			return STORE_MALFORMED;
	} else {
		status = take_word(&line);
		if (status == NULL || !is_status(status))
			return STORE_MALFORMED;
	}
	if (!read_path(line, &path, &parameters) || *path == '\0' ||
	    !can_be_kept(path, parameters))
		return STORE_MALFORMED;
	if (!outgoing_add_recipient(outgoing, path, parameters) ||
	    !outgoing_book(outgoing, outgoing->count - 1, state, status, "",
	    ""))
		return STORE_FULL;
	recipient = &outgoing->recipients[outgoing->count - 1];
	recipient->tries = (unsigned)tries;
	recipient->due = (int64_t)due;
	return STORE_OK;
}

/* server ": " text */
static enum store_error
read_said(struct outgoing *outgoing, char *line)
{
	char status[OUTGOING_STATUS_SIZE], *text = strstr(line, ": ");
	struct outgoing_recipient *recipient;

	if (outgoing->count == 0 || text == NULL)
		return STORE_MALFORMED;
	recipient = &outgoing->recipients[outgoing->count - 1];
	if (*recipient->server != '\0' || *recipient->said != '\0')
		return STORE_MALFORMED;
	*text = '\0';
	memcpy(status, recipient->status, sizeof status);
	return outgoing_book(outgoing, outgoing->count - 1, recipient->state,
	    status, line, text + 2) ? STORE_OK : STORE_FULL;
}

/* One line; *arrived is set where it is that one. */
static enum store_error
read_line(struct outgoing *outgoing, char *line, bool *has_arrived)
{
	bool has_sender = outgoing->reverse_path != NULL;
	uint64_t seconds;
	char *word;

	if (strcmp(line, "warned") == 0 && has_sender &&
	    outgoing->count == 0 && !outgoing->is_warned) {
		outgoing->is_warned = true;
		return STORE_OK;
	}
	word = take_word(&line);
	if (word == NULL)
		return STORE_MALFORMED;
	if (!*has_arrived) {
		if (strcmp(word, "arrived") != 0 ||
		    !read_number(line, INT64_MAX, &seconds))
			return STORE_MALFORMED;
		outgoing->arrived = (int64_t)seconds;
		*has_arrived = true;
		return STORE_OK;
	}
	if (!has_sender)
		return strcmp(word, "from") == 0 ?
		    read_sender(outgoing, line) : STORE_MALFORMED;
	if (strcmp(word, "to") == 0)
		return read_recipient(outgoing, OUTGOING_WAITING, line);
	if (strcmp(word, "failed") == 0)
		return read_recipient(outgoing, OUTGOING_FAILED, line);
	if (strcmp(word, "relayed") == 0)
		return read_recipient(outgoing, OUTGOING_RELAYED, line);
	return strcmp(word, "said") == 0 ? read_said(outgoing, line) :
	    STORE_MALFORMED;
}

enum store_error
outgoing_from_text(struct outgoing *outgoing, char *text)
{
	enum store_error error = STORE_OK;
	bool has_arrived = false;

	while (error == STORE_OK && *text != '\0') {
		char *end = strchr(text, '\n');

		if (end == NULL)
			return STORE_MALFORMED;
		*end = '\0';
		error = read_line(outgoing, text, &has_arrived);
		text = end + 1;
	}
	return error == STORE_OK && outgoing->count == 0 ? STORE_MALFORMED :
	    error;
}

void
outgoing_free(struct outgoing *outgoing)
{
	if (outgoing->copy != -1)
		durable_close(outgoing->copy);
	free(outgoing->recipients);
	names_free(outgoing->names);
	outgoing_init(outgoing, 0);
}
