/* The EHLO keywords, each of which can be left out (-X). */
#ifndef SMTP_STDIO_KEYWORDS_H
#define SMTP_STDIO_KEYWORDS_H

/* In the order in which EHLO lists them; as bits, what is left out. */
enum keyword {
	KEYWORD_PIPELINING = 1,
	KEYWORD_SIZE = 2,
	KEYWORD_8BITMIME = 4,
	KEYWORD_ENHANCEDSTATUSCODES = 8,
	KEYWORD_CHUNKING = 16,
	KEYWORD_DSN = 32,
	KEYWORD_SMTPUTF8 = 64,
	KEYWORD_LIMITS = 128,
	KEYWORD_AUTH = 256,
	KEYWORD_STARTTLS = 512,
	KEYWORD_HELP = 1024
};

/* Their names, in the order of the bits; a NULL ends them. */
extern const char *const smtp_keywords[];

#endif
