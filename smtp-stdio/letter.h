/*
 * A message on its way out: some text in memory and then a file, which is
 * gone from its directory already.  Line ends are LF.
 */
#ifndef SMTP_STDIO_LETTER_H
#define SMTP_STDIO_LETTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "smtp-stdio/content.h"
#include "stdio/failure.h"

/* A longer header is refused: nobody has written it. */
#define HEADER_OCTETS_MAX ((size_t)1 << 20)

struct letter {
	char *head;             /* malloc'd; NULL where there is none */
	size_t head_length;
	int file;               /* -1: there is none yet */
	uint64_t offset;        /* where in the file the letter goes on */
	struct content content; /* of all of it; by letter_measure() */
	bool has_eight_bit_header;
};

void letter_init(struct letter *letter);

/* A temporary file without a name, open for reading and writing; or NULL. */
FILE *letter_temporary(struct failure *failure);

/*
 * Copies a file, from where it stands to its end, into the letter's, with its
 * CRLFs as LF.
 */
bool letter_read(struct letter *letter, int from, struct failure *failure);

/* Finds out what is in the letter, which is complete. */
bool letter_measure(struct letter *letter, struct failure *failure);

/*
 * Passes the letter on, piece by piece; false where its file cannot be read,
 * with errno set, or put says no.
 */
bool letter_pass(const struct letter *letter,
    bool (*put)(void *context, const char *octets, size_t length),
    void *context);

void letter_free(struct letter *letter);

#endif
