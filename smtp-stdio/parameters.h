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

struct mail_parameters {
	bool has_size;          /* RFC 1870 */
	uint64_t size;          /* in octets; UINT64_MAX: more than can be said */
	bool has_body;          /* RFC 6152: 7BIT or 8BITMIME, no difference here */
};

/* Reads what stands behind the path of a MAIL command. */
enum parameter_status mail_parameters_parse(
    struct mail_parameters *parameters, const char *text);

/* The same for RCPT, which has no parameters yet that are known here. */
enum parameter_status rcpt_parameters_parse(const char *text);

#endif
