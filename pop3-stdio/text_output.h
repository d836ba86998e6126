/*
 * The text of a message on standard output, so that it can do nothing to a
 * terminal: for people, or in a JSON string.
 */
#ifndef POP3_STDIO_TEXT_OUTPUT_H
#define POP3_STDIO_TEXT_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "pop3-stdio/sink.h"

struct text_output {
	bool json;
	char last;              /* the octet before; '\n' at the start */
	size_t held;            /* at the end of the buffer: a character, or a
	                         * line end, that may not be complete */
	char buffer[4096];
};

/* Begins; the sink that it returns takes UTF-8, or what is said to be. */
struct sink text_output_begin(struct text_output *output, bool json);

/* Puts out what is held; for people, also the end of the last line. */
void text_output_end(struct text_output *output);

#endif
