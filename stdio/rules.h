/*
 * Failures on order (-x), for people who test clients: VERB[/N]=REPLY, where
 * the N-th use of the verb, or without N each, gets the reply and has no other
 * effect.  "+" is the greeting, "." the end of a message; an empty reply
 * closes the connection.
 */
#ifndef STDIO_RULES_H
#define STDIO_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RULES_MAX 64

struct rule {
	const char *verb;       /* of the command line; not ended by a NUL */
	size_t verb_length;
	uint64_t use;           /* 0: each one */
	const char *reply;
};

struct rules {
	struct rule rule[RULES_MAX];
	size_t count;
	uint64_t used[RULES_MAX];       /* how often each one's verb was */
};

/* Adds a rule; false where it is malformed, or one too many. */
bool rules_add(struct rules *rules, const char *text);

/* Counts a use of a verb.  The reply that it gets; NULL: what it always gets. */
const char *rules_apply(struct rules *rules, const char *verb);

/* The same for a command of the client's, which "+" and "." are not. */
const char *rules_apply_command(struct rules *rules, const char *verb);

#endif
