/* Passwords from standard input. */
#ifndef STORE_TERMINAL_H
#define STORE_TERMINAL_H

#include <stddef.h>

enum password_entry {
	ENTRY_OK,
	ENTRY_EMPTY,
	ENTRY_TOO_LONG,
	ENTRY_DIFFERS,          /* typed twice, and not the same */
	ENTRY_FAILED            /* errno says why */
};

/*
 * Reads a password of at most size - 1 octets, and a NUL: the first line of
 * standard input, or, where that is a terminal, what is typed twice without
 * being shown.  The caller wipes it.
 */
enum password_entry password_enter(char *password, size_t size);

#endif
