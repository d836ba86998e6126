/* What pop3-fetch does once it has logged in, a function a command. */
#ifndef POP3_STDIO_FETCH_COMMANDS_H
#define POP3_STDIO_FETCH_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pop3-stdio/fetch_session.h"

/* The operands of a command. */
struct operands {
	const char *directory;  /* of save */
	const uint64_t *numbers;
	size_t count;           /* of numbers; 0: all, where that may be */
};

/*
 * Each returns false where it cannot go on, and why; what failed for one
 * message alone is told, and the others are done.
 */
bool fetch_list(struct fetch *fetch, const struct operands *operands,
    struct failure *failure);
bool fetch_read(struct fetch *fetch, const struct operands *operands,
    struct failure *failure);
bool fetch_save(struct fetch *fetch, const struct operands *operands,
    struct failure *failure);
bool fetch_delete(struct fetch *fetch, const struct operands *operands,
    struct failure *failure);

#endif
