/* The log; see log.h. */
#include "stdio/log.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "stdio/process.h"
#include "stdio/system_log.h"

#define LOG_VARIABLE "MAIL_STDIO_LOG"
#define LOG_TO_SYSLOG "syslog"

/* Found out once, by log_open(). */
static struct {
	enum { PLAIN, JOURNAL, SYSLOG } to;
	bool is_connection;             /* standard error */
	const char *program;
	long process;
	size_t waiting;                 /* octets of lines that wait for the next */
} log_state = { PLAIN, false, "mail-stdio", 0, 0 };

static char waiting[LOG_LINE_SIZE];

static bool
is_internet_socket(int descriptor)
{
	struct sockaddr_storage name;
	socklen_t size = sizeof name;

	return getsockname(descriptor, (struct sockaddr *)&name, &size) == 0 &&
	    (name.ss_family == AF_INET || name.ss_family == AF_INET6);
}

/* Whether descriptor 2 is the socket that the client is connected to. */
static bool
is_connection(const struct stat *error)
{
	struct stat status;
	int descriptor;

	if (!S_ISSOCK(error->st_mode))
		return false;
	for (descriptor = 0; descriptor <= 1; descriptor++)
		if (fstat(descriptor, &status) == 0 &&
		    status.st_dev == error->st_dev &&
		    status.st_ino == error->st_ino)
			return true;
	return is_internet_socket(STDERR_FILENO);
}

/* $JOURNAL_STREAM is "DEVICE:INODE" of the journal's socket. */
static bool
is_journal(const struct stat *error)
{
	char name[2 * TEXT_NUMBER_SIZE];
	const char *stream = getenv("JOURNAL_STREAM");
	struct text text;

	text_init(&text, name, sizeof name);
	text_add_number(&text, (uint64_t)error->st_dev);
	text_add_octet(&text, ':');
	text_add_number(&text, (uint64_t)error->st_ino);
	return stream != NULL && strcmp(stream, name) == 0;
}

void
log_open(const char *program)
{
	const char *wanted = getenv(LOG_VARIABLE);
	struct stat error;
	bool known;

	log_state.program = program;
	log_state.process = (long)process_id();
	log_state.to = PLAIN;
	known = fstat(STDERR_FILENO, &error) == 0;
	/* A unit may have one socket of the journal for all it writes. */
	log_state.is_connection = !known ||
	    (!is_journal(&error) && is_connection(&error));
	if (log_state.is_connection ||
	    (wanted != NULL && strcmp(wanted, LOG_TO_SYSLOG) == 0)) {
		log_state.to = SYSLOG;
		system_log_open(program);
	} else if (is_journal(&error))
		log_state.to = JOURNAL;
}

bool
log_is_connection(void)
{
	return log_state.is_connection;
}

bool
log_leave_connection(void)
{
	int null, result;

	if (!log_state.is_connection)
		return true;
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null == -1)
		return false;
	result = dup2(null, STDERR_FILENO);
	(void)close(null);
	return result != -1 && setenv(LOG_VARIABLE, LOG_TO_SYSLOG, 1) == 0;
}

void
log_begin(struct log_line *line, enum log_priority priority, const char *event)
{
	line->priority = priority;
	text_init(&line->text, line->buffer, sizeof line->buffer - 1);
	if (log_state.to == JOURNAL) {
		text_add_octet(&line->text, '<');
		text_add_number(&line->text, (uint64_t)priority);
		text_add_octet(&line->text, '>');
	} else if (log_state.to == PLAIN) {
		text_add(&line->text, log_state.program);
		text_add_octet(&line->text, '[');
		text_add_number(&line->text, (uint64_t)log_state.process);
		text_add(&line->text, "]: ");
	}
	text_add(&line->text, event);
}

static bool
is_plain(const char *value, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		if (value[i] == ' ' || value[i] == '"' || value[i] == '=')
			return false;
	return length > 0;
}

void
log_octets(struct log_line *line, const char *key, const char *value,
    size_t length)
{
	bool plain = is_plain(value, length);
	size_t start, i;

	text_add_octet(&line->text, ' ');
	text_add(&line->text, key);
	text_add_octet(&line->text, '=');
	if (!plain)
		text_add_octet(&line->text, '"');
	start = line->text.length;
	for (i = 0; i < length; i++) {
		bool printable = value[i] >= 0x20 && value[i] <= 0x7e;

		if (value[i] == '"' || value[i] == '\\')
			text_add_octet(&line->text, '\\');
		text_add_octet(&line->text, printable ? value[i] : '?');
		if (line->text.length - start >= LOG_VALUE_OCTETS_MAX) {
			text_add(&line->text, "...");
			break;
		}
	}
	if (!plain)
		text_add_octet(&line->text, '"');
}

void
log_text(struct log_line *line, const char *key, const char *value)
{
	log_octets(line, key, value, strlen(value));
}

void
log_number(struct log_line *line, const char *key, uint64_t number)
{
	char digits[TEXT_NUMBER_SIZE];
	struct text text;

	text_init(&text, digits, sizeof digits);
	text_add_number(&text, number);
	log_octets(line, key, digits, text.length);
}

/* What waits, and then so many octets. */
static void
write_out(char *octets, size_t length)
{
	struct iovec parts[2] = {
		{ waiting, log_state.waiting }, { octets, length }
	};
	ssize_t ignored = log_state.waiting == 0 ?
	    write(STDERR_FILENO, octets, length) :
	    writev(STDERR_FILENO, parts, 2);

	(void)ignored;
	log_state.waiting = 0;
}

void
log_end(struct log_line *line)
{
	if (log_state.to == SYSLOG) {
		system_log_send((int)line->priority, line->buffer);
		return;
	}
	line->buffer[line->text.length++] = '\n';
	write_out(line->buffer, line->text.length);
}

void
log_end_later(struct log_line *line)
{
	size_t length = line->text.length + 1;

	if (log_state.to == SYSLOG ||
	    length > sizeof waiting - log_state.waiting) {
		log_end(line);
		return;
	}
	line->buffer[line->text.length] = '\n';
	memcpy(waiting + log_state.waiting, line->buffer, length);
	log_state.waiting += length;
}

void
log_release(void)
{
	if (log_state.waiting > 0)
		write_out(NULL, 0);
}

void
log_event(enum log_priority priority, const char *event, const char *key,
    const char *value)
{
	struct log_line line;

	log_begin(&line, priority, event);
	log_text(&line, key, value);
	log_end(&line);
}
