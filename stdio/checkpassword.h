/*
 * The checkpassword interface: a program that decides whether a password is
 * right (-A).
 */
#ifndef STDIO_CHECKPASSWORD_H
#define STDIO_CHECKPASSWORD_H

#include <stddef.h>

#include "store/password.h"

/* How long the program may take. */
#define CHECKPASSWORD_SECONDS 30

/* What it reads on descriptor 3: user, password and time, a NUL behind each. */
#define CHECKPASSWORD_OCTETS_MAX 512

/*
 * Runs "command true".  PASSWORD_RIGHT where it exits 0, PASSWORD_WRONG where
 * it exits 1 or where the two do not fit, PASSWORD_FAILED, logged, else.
 */
enum password_result checkpassword(const char *command,
    const char *user, size_t user_length,
    const char *password, size_t password_length);

#endif
