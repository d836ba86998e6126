/* The trace lines on top of a message (RFC 5321 section 4.4). */
#ifndef SMTP_STDIO_TRACE_H
#define SMTP_STDIO_TRACE_H

#include <stdint.h>

#include "stdio/peer.h"
#include "store/text.h"

/* Room for the trace lines whatever is in them. */
#define TRACE_SIZE 2048

struct trace {
	const char *reverse_path;       /* without brackets; "" for <> */
	const char *forward_path;       /* NULL: there are several recipients */
	const char *client_name;        /* the argument of EHLO or HELO */
	const struct peer *peer;
	const char *hostname;           /* ours */
	const char *protocol;           /* RFC 3848: what stands behind "with" */
	const char *id;
	int64_t seconds;                /* when it came, since 1970 */
};

/* Writes Return-Path: and Received:, with LF line ends. */
void trace_write(const struct trace *trace, struct text *text);

/* How long a Return-Path line at the start of a message is; 0: it has none. */
size_t trace_top_length(const char *octets, size_t length);

/* Writes an RFC 5322 date-time in local time, with a numeric zone. */
void date_write(struct text *text, int64_t seconds);

#endif
