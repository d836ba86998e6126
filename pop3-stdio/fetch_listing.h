/*
 * The messages of a maildrop as LIST and UIDL name them (RFC 1939 sections 5
 * and 7): numbers in order, sizes, unique-ids.
 */
#ifndef POP3_STDIO_FETCH_LISTING_H
#define POP3_STDIO_FETCH_LISTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pop3-stdio/fetch_session.h"

/* A maildrop with more is not believed. */
#define LISTING_MESSAGES_MAX 2000000

/* RFC 1939 section 7: 1 to 70 characters from 0x21 to 0x7E. */
#define UNIQUE_ID_OCTETS_MAX 70

struct listing {
	struct listed {
		uint64_t number;
		uint64_t octets;        /* as the server says */
		size_t id;              /* where the unique-id stands in ids */
	} *messages;
	size_t count;
	char *ids;              /* each ends in a NUL; NULL: not asked for */
};

/* Asks for all messages and their sizes.  listing_free() in any case. */
bool listing_read(struct fetch *fetch, struct listing *listing,
    struct failure *failure);

/* Asks for their unique-ids too; ANSWER_REFUSED where there are none. */
enum answer listing_read_ids(struct fetch *fetch, struct listing *listing,
    struct failure *failure);

/* The message of a number; NULL where there is none. */
struct listed *listing_find(const struct listing *listing, uint64_t number);

/* Its unique-id; NULL where they were not asked for. */
const char *listing_id(const struct listing *listing,
    const struct listed *listed);

void listing_free(struct listing *listing);

#endif
