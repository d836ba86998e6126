/*
 * What an SMTP or LMTP session has said, held against what it was told: a
 * client's view of RFC 5321, RFC 2033, RFC 3030 and RFC 4954, which shares
 * nothing with the server's own.
 */
#ifndef TESTS_FUZZ_SMTP_JUDGE_H
#define TESTS_FUZZ_SMTP_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How the server was called, as far as it can be seen in what it says. */
struct smtp_terms {
	bool lmtp;
	bool lf_ends_lines;
	bool greeted;                   /* no greeting comes */
	bool plain_codes;               /* no enhanced codes .. */
	bool has_rules;                 /* .. but in replies given by -x */
	bool server_ended;              /* the session, not the client */
	uint64_t size_max;
};

#define ACCEPTED_MAX 1024

/* A message that was accepted: the id in its 250, and what it is. */
struct accepted {
	char id[64];
	char *text;             /* with LF line ends; NULL: it is not known */
	size_t length;
	bool is_found;          /* by whoever looks for it */
};

struct smtp_verdict {
	struct accepted accepted[ACCEPTED_MAX];
	size_t accepted_count;
	size_t replies;
	unsigned last_code;     /* of all replies; 0: there was none */
};

/*
 * Goes through a session from its greeting to its end; whatever does not fit
 * fails the oracle.  Ends the verdict with smtp_verdict_free().
 */
void smtp_judge(struct smtp_verdict *verdict, const struct smtp_terms *terms,
    const char *input, size_t input_length, const char *output,
    size_t output_length);

void smtp_verdict_free(struct smtp_verdict *verdict);

#endif
