/* The record of what was fetched; see save_record.h. */
#include "pop3-stdio/save_record.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "store/durable.h"
#include "store/text.h"

#define RECORD_NAME ".pop3-fetch"
#define RECORD_NEW SAVE_PREFIX "record"         /* taken away by recovery */
#define RECORD_OCTETS_MAX ((off_t)1 << 30)
#define LOCK_TRIES 10

static bool
no_memory(struct failure *failure)
{
	return failure_set(failure, EX_TEMPFAIL, "no memory for what is "
	    "remembered of the messages");
}

/* Adds a word, with %XX for what has a meaning in a line. */
static void
add_word(struct text *text, const char *word)
{
	for (; *word != '\0'; word++) {
		unsigned char octet = (unsigned char)*word;

		if (octet > 0x20 && octet < 0x7f && octet != '%') {
			text_add_octet(text, *word);
			continue;
		}
		text_add_octet(text, '%');
		text_add_hexadecimal(text, word, 1);
	}
}

/* "SERVER USER", with the server as the command line has it. */
static char *
make_owner(const struct client *client)
{
	char *const *word;
	size_t size = strlen(client->user) + 4;
	struct text text;
	char *owner;

	if (client->command != NULL)
		for (word = client->command; *word != NULL; word++)
			size += strlen(*word) + 1;
	else
		size += strlen(client->server != NULL ? client->server :
		    client->root);
	owner = malloc(3 * size);
	if (owner == NULL)
		return NULL;
	text_init(&text, owner, 3 * size);
	if (client->command != NULL)
		for (word = client->command; *word != NULL; word++) {
			add_word(&text, *word);
			add_word(&text, word[1] == NULL ? "" : " ");
		}
	else
		add_word(&text, client->server != NULL ? client->server :
		    client->root);
	text_add_octet(&text, ' ');
	add_word(&text, client->user);
	return owner;
}

/* Whether the file that is open is still the one of that name. */
static bool
is_current(const struct save_record *record)
{
	struct stat open, named;

	return durable_file_status(record->file, &open) == 0 &&
	    durable_status(record->save->directory, RECORD_NAME,
	    &named) == 0 &&
	    open.st_dev == named.st_dev && open.st_ino == named.st_ino;
}

/* Opens and locks the file; who had it before may have replaced it. */
static bool
lock(struct save_record *record, struct failure *failure)
{
	unsigned tries;

	for (tries = 0; tries < LOCK_TRIES; tries++) {
		record->file = durable_open_lock(record->save->directory,
		    RECORD_NAME);
		if (record->file == -1)
			return save_directory_failed(record->save,
			    "open " RECORD_NAME, failure);
		if (durable_lock(record->file) == -1) {
			if (errno != EAGAIN && errno != EACCES)
				return save_directory_failed(record->save,
				    "lock " RECORD_NAME, failure);
			break;
		}
		if (is_current(record))
			return true;
		durable_close(record->file);
		record->file = -1;
	}
	return failure_set(failure, EX_TEMPFAIL,
	    "another pop3-fetch saves to %s now", record->save->path);
}

/* Reads the whole file, from its start. */
static bool
read_text(struct save_record *record, size_t *length, struct failure *failure)
{
	struct stat status;
	size_t size;
	ssize_t got;

	if (durable_file_status(record->file, &status) == -1 ||
	    status.st_size > RECORD_OCTETS_MAX || !S_ISREG(status.st_mode))
		return failure_set(failure, EX_DATAERR,
		    "%s/" RECORD_NAME " is not what was written there",
		    record->save->path);
	size = (size_t)status.st_size;
	free(record->text);
	record->text = malloc(size + 1);
	if (record->text == NULL)
		return no_memory(failure);
	for (*length = 0; *length < size; *length += (size_t)got) {
		got = durable_read_at(record->file, record->text + *length,
		    size - *length, (off_t)*length);
		if (got == -1)
			return save_directory_failed(record->save,
			    "read " RECORD_NAME, failure);
		if (got == 0)
			break;
	}
	record->text[*length] = '\0';
	return true;
}

/* Makes a word again what it was; false where add_word() has not made it. */
static bool
decode_word(char *word)
{
	char *to = word;

	for (; *word != '\0'; word++) {
		*to = *word;
		if (*word == '%') {
			int high = text_hexadecimal_digit(word[1]);
			int low = high == -1 ? -1 :
			    text_hexadecimal_digit(word[2]);

			if (low == -1)
				return false;
			*to = (char)(high << 4 | low);
			word += 2;
		}
		to++;
	}
	*to = '\0';
	return true;
}

/* Cuts a line at its words; false where it is not whole. */
static bool
take_line(char *line, struct recorded *recorded)
{
	size_t length = strlen(line), i;
	char *parts[3];

	/* from the end: ".", name, octets, unique-id, and two words more */
	if (length < 2 || strcmp(line + length - 2, " .") != 0)
		return false;
	line[length - 2] = '\0';
	for (i = 0; i < 3; i++) {
		parts[i] = strrchr(line, ' ');
		if (parts[i] == NULL)
			return false;
		*parts[i]++ = '\0';
	}
	if (strchr(line, ' ') == NULL)
		return false;
	recorded->owner = line;
	recorded->id = parts[2];
	recorded->name = parts[0];
	return text_to_number(parts[1], strlen(parts[1]),
	    &recorded->octets) && decode_word(recorded->id) &&
	    decode_word(recorded->name);
}

static bool
read_lines(struct save_record *record, struct failure *failure)
{
	size_t length = 0, lines = 0;
	char *at, *end, *lf;

	if (!read_text(record, &length, failure))
		return false;
	end = record->text + length;
	record->is_torn = length > 0 && end[-1] != '\n';
	for (at = record->text; (lf = memchr(at, '\n',
	    (size_t)(end - at))) != NULL; at = lf + 1)
		lines++;
	free(record->lines);
	record->lines = calloc(lines + 1, sizeof *record->lines);
	if (record->lines == NULL)
		return no_memory(failure);
	record->count = 0;
	for (at = record->text; (lf = memchr(at, '\n',
	    (size_t)(end - at))) != NULL; at = lf + 1) {
		*lf = '\0';
		record->count += take_line(at,
		    &record->lines[record->count]);
	}
	return true;
}

static int
compare_ids(const void *a, const void *b)
{
	const struct recorded *const *left = a, *const *right = b;

	return strcmp((*left)->id, (*right)->id);
}

static bool
find_own(struct save_record *record, struct failure *failure)
{
	size_t i;

	record->own = calloc(record->count + 1, sizeof *record->own);
	if (record->own == NULL)
		return no_memory(failure);
	for (i = 0; i < record->count; i++)
		if (strcmp(record->lines[i].owner, record->owner) == 0)
			record->own[record->own_count++] = &record->lines[i];
	if (record->own_count > 0)
		qsort(record->own, record->own_count, sizeof *record->own,
		    compare_ids);
	return true;
}

/* Notes which message was the last one. */
static void
note_last(struct save_record *record, const char *name)
{
	struct text last;

	text_init(&last, record->last, sizeof record->last);
	text_add(&last, name);
}

bool
save_record_open(struct save_record *record,
    const struct save_directory *save, const struct client *client,
    struct failure *failure)
{
	memset(record, 0, sizeof *record);
	record->save = save;
	record->file = -1;
	record->owner = make_owner(client);
	if (record->owner == NULL)
		return no_memory(failure);
	if (!lock(record, failure) || !read_lines(record, failure) ||
	    !find_own(record, failure))
		return false;
	if (record->count > 0)
		note_last(record, record->lines[record->count - 1].name);
	/* A process may have ended between writing and syncing. */
	if (durable_sync(record->file) == -1 ||
	    durable_sync(save->directory) == -1)
		return save_directory_failed(save, "sync " RECORD_NAME,
		    failure);
	return true;
}

void
save_record_close(struct save_record *record)
{
	if (record->file != -1)
		durable_close(record->file);
	free(record->owner);
	free(record->text);
	free(record->lines);
	free(record->own);
}

size_t
save_record_count(const struct save_record *record, const char *id,
    uint64_t octets)
{
	struct recorded **own = record->own;
	size_t from = 0, to = record->own_count, count = 0;

	while (from < to) {             /* the first one of that id */
		size_t middle = from + (to - from) / 2;

		if (strcmp(own[middle]->id, id) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	for (; from < record->own_count &&
	    strcmp(own[from]->id, id) == 0; from++)
		count += own[from]->octets == octets;
	return count;
}

static void
add_line(struct text *text, const char *owner, const char *id,
    uint64_t octets, const char *name)
{
	text_add(text, owner);
	text_add_octet(text, ' ');
	add_word(text, id);
	text_add_octet(text, ' ');
	text_add_number(text, octets);
	text_add_octet(text, ' ');
	add_word(text, name);
	text_add(text, " .\n");
}

bool
save_record_add(struct save_record *record, const char *id, uint64_t octets,
    const char *name, struct failure *failure)
{
	size_t size = strlen(record->owner) +
	    3 * (strlen(id) + strlen(name)) + TEXT_NUMBER_SIZE + 8;
	char *line = malloc(size);
	struct text text;
	bool done;

	if (line == NULL)
		return no_memory(failure);
	text_init(&text, line, size);
	if (record->is_torn)            /* its last line has no end */
		text_add_octet(&text, '\n');
	add_line(&text, record->owner, id, octets, name);
	done = lseek(record->file, 0, SEEK_END) != -1 &&
	    durable_write(record->file, line, text.length) == 0 &&
	    durable_sync(record->file) == 0;
	free(line);
	record->is_torn = !done;
	if (done)
		note_last(record, name);
	return done || save_directory_failed(record->save,
	    "write " RECORD_NAME, failure);
}

/* Writes the lines that stay into a new file, and puts it in place. */
static bool
replace(struct save_record *record, const char *content, size_t length,
    struct failure *failure)
{
	int directory = record->save->directory;
	bool done;
	int file;

	(void)durable_unlink(directory, RECORD_NEW);
	file = durable_create(directory, RECORD_NEW);
	if (file == -1)
		return save_directory_failed(record->save,
		    "make " RECORD_NEW, failure);
	done = durable_write(file, content, length) == 0 &&
	    durable_sync(file) == 0 && durable_rename(directory, RECORD_NEW,
	    directory, RECORD_NAME) == 0 && durable_sync(directory) == 0;
	if (!done)
		(void)save_directory_failed(record->save,
		    "replace " RECORD_NAME, failure);
	durable_close(file);
	return done;
}

bool
save_record_drop(struct save_record *record,
    bool (*is_gone)(void *context, const char *id, uint64_t octets),
    void *context, struct failure *failure)
{
	size_t i, kept = 0;
	struct text text;
	struct stat status;
	char *content;
	bool done;

	/* what this run has added is only in the file */
	if (!read_lines(record, failure) ||
	    durable_file_status(record->file, &status) == -1)
		return false;
	content = malloc((size_t)status.st_size + 1);
	if (content == NULL)
		return no_memory(failure);
	text_init(&text, content, (size_t)status.st_size + 1);
	for (i = 0; i < record->count; i++) {
		const struct recorded *line = &record->lines[i];

		if (strcmp(line->owner, record->owner) == 0 &&
		    is_gone(context, line->id, line->octets))
			continue;
		add_line(&text, line->owner, line->id, line->octets,
		    line->name);
		kept++;
	}
	done = kept == record->count ||
	    replace(record, content, text.length, failure);
	free(content);
	return done;
}
