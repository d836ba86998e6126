/*
 * The log: one line an event, a word for what happened and then key=value.
 *
 * Where lines go is found out once: to standard error with a "<N>" priority
 * in front where that is the journal's ($JOURNAL_STREAM), to syslog(3) where
 * it is the connection itself, as under a classic inetd, or any Internet
 * socket, as under a TLS wrapper there, or where $MAIL_STDIO_LOG is "syslog";
 * else plain to standard error.  What a client sent cannot forge a line or a field: octets
 * outside printable ASCII become "?", a value with blanks, quotes or an equals
 * sign is quoted, and none is so long that it pushes others out of the line.
 */
#ifndef STDIO_LOG_H
#define STDIO_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/text.h"

enum log_priority {             /* syslog(3)'s numbers */
	LOG_IS_ERROR = 3,
	LOG_IS_WARNING = 4,
	LOG_IS_INFO = 6,
	LOG_IS_DEBUG = 7
};

/* Long enough for three values of the greatest length and all the rest. */
#define LOG_LINE_SIZE 4096

/* A value that is longer than this, as it is logged, ends in "...". */
#define LOG_VALUE_OCTETS_MAX 1100

struct log_line {
	enum log_priority priority;
	struct text text;
	char buffer[LOG_LINE_SIZE];
};

/* Finds out where to log; program is the name in front of plain lines. */
void log_open(const char *program);

/*
 * Whether standard error is the socket that the client is connected to, or,
 * behind a TLS wrapper, may be.
 */
bool log_is_connection(void);

/*
 * For a program that is about to execute another one in its place: standard
 * error, where it is the connection, becomes /dev/null, and $MAIL_STDIO_LOG
 * tells the next one of our programs to go on logging to syslog(3).  False
 * where that cannot be.
 */
bool log_leave_connection(void);

/* Begins a line; event is one word. */
void log_begin(struct log_line *line, enum log_priority priority,
    const char *event);

/* Each adds " key=value". */
void log_text(struct log_line *line, const char *key, const char *value);
void log_octets(struct log_line *line, const char *key, const char *value,
    size_t length);
void log_number(struct log_line *line, const char *key, uint64_t number);

/* Writes the line out.  A log that cannot be written stops nothing. */
void log_end(struct log_line *line);

/*
 * The same for a line that others may follow at once: it is written with the
 * next one, or by log_release(), which has to come before what it tells is
 * told to a client.
 */
void log_end_later(struct log_line *line);
void log_release(void);

/* A whole line of one field, in one call. */
void log_event(enum log_priority priority, const char *event,
    const char *key, const char *value);

#endif
