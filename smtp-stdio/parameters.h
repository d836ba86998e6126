/* Parameters of MAIL and RCPT (RFC 5321 section 4.1.2). */
#ifndef SMTP_STDIO_PARAMETERS_H
#define SMTP_STDIO_PARAMETERS_H

#include <stdbool.h>
#include <stdint.h>

enum parameter_status {
	PARAMETERS_OK,
	PARAMETERS_MALFORMED,   /* one is malformed, or stands there twice */
	PARAMETERS_UNKNOWN      /* one is not known, or asks for what is not done */
};

/* RFC 3461 sections 4.4 and 4.2: with the keyword and "=". */
#define ENVID_OCTETS_MAX 100
#define ORCPT_OCTETS_MAX 500

/* A command line has no more, so no parameters have. */
#define PARAMETERS_SIZE 4096

enum returned {
	RETURN_UNSAID,
	RETURN_FULL,            /* the whole message in a report of a failure */
	RETURN_HEADERS
};

/* What a sender wants to be told of, or-ed together; 0: nothing was said. */
enum {
	NOTIFY_NEVER = 1,
	NOTIFY_SUCCESS = 2,
	NOTIFY_FAILURE = 4,
	NOTIFY_DELAY = 8
};

struct mail_parameters {
	bool has_size;          /* RFC 1870 */
	uint64_t size;          /* in octets; UINT64_MAX: more than can be said */
	bool has_body;          /* RFC 6152: 7BIT or 8BITMIME, no difference here */
	bool has_utf8;          /* RFC 6531: SMTPUTF8 */
	bool has_auth;          /* RFC 4954 section 5: read, and believed of nobody */
	enum returned returned;                 /* RET */
	char envelope_id[ENVID_OCTETS_MAX];     /* ENVID, decoded; "": none */

	/* all but SIZE and AUTH letter for letter, for the next host */
	char kept[2 * ENVID_OCTETS_MAX];
};

struct rcpt_parameters {
	unsigned notify;                        /* NOTIFY */
	char original[ORCPT_OCTETS_MAX];        /* ORCPT, decoded; "": none */
	char kept[PARAMETERS_SIZE];             /* likewise */
};

/* What may be said, by -X and the commands before. */
struct parameter_terms {
	uint32_t left_out;      /* keywords: see keywords.h */
	bool has_utf8;          /* RCPT: MAIL had SMTPUTF8 */
};

/*
 * Reads what stands behind the path of a MAIL command.  What is right of it is
 * taken also where the result tells of something that is not.
 */
enum parameter_status mail_parameters_parse(
    struct mail_parameters *parameters, const struct parameter_terms *terms,
    const char *text);

/* The same for RCPT. */
enum parameter_status rcpt_parameters_parse(
    struct rcpt_parameters *parameters, const struct parameter_terms *terms,
    const char *text);

#endif
