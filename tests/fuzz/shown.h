/* What a client shows to people and to programs, whoever has sent it. */
#ifndef TESTS_FUZZ_SHOWN_H
#define TESTS_FUZZ_SHOWN_H

#include <stddef.h>

/*
 * Text that does nothing to a terminal: whole lines of UTF-8, without controls
 * but the tab.
 */
void shown_check_text(const char *text, size_t length);

/* Such lines, each of which is an object in JSON (RFC 8259). */
void shown_check_json(const char *text, size_t length);

#endif
