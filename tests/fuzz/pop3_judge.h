/*
 * What a POP3 session has said, held against what it was told and against the
 * messages that there were: a client's view of RFC 1939, RFC 2449 and RFC
 * 5034, which shares nothing with the server's own.
 */
#ifndef TESTS_FUZZ_POP3_JUDGE_H
#define TESTS_FUZZ_POP3_JUDGE_H

#include <stdbool.h>
#include <stddef.h>

#define POP3_MESSAGES 8

/* A message of the mailbox, as it has to come over the wire. */
struct pop3_message {
	const char *id;                 /* its unique-id */
	char *wire;                     /* without dots and the end */
	size_t length, header_length;   /* with its empty line */
};

struct pop3_terms {
	const struct pop3_message *messages;    /* POP3_MESSAGES of them */
	bool lf_ends_lines;
	bool greeted;                   /* no greeting comes */
	bool server_ended;              /* the session, not the client */
};

struct pop3_verdict {
	bool deletes[POP3_MESSAGES];    /* by number less one, and by QUIT */
	const struct pop3_message *known[POP3_MESSAGES];        /* by number */
	bool is_over;                   /* QUIT was obeyed after a login */
	size_t replies;
};

/*
 * Goes through a session from its greeting to its end; whatever does not fit
 * fails the oracle.
 */
void pop3_judge(struct pop3_verdict *verdict, const struct pop3_terms *terms,
    const char *input, size_t input_length, const char *output,
    size_t output_length);

#endif
