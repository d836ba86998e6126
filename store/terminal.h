/* Passwords from standard input, from a file, from the terminal. */
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

/* All of these read a password of at most size - 1 octets, and set a NUL
 * behind it.  The caller wipes it. */

/* The first line that a descriptor gives; nothing behind it is read. */
enum password_entry password_read(int descriptor, char *password, size_t size);

/*
 * The first line of standard input, or, where that is a terminal, what is
 * typed twice without being shown.
 */
enum password_entry password_enter(char *password, size_t size);

/* What is typed once on the process's terminal, without being shown. */
enum password_entry password_ask(const char *prompt, char *password,
    size_t size);

#endif
