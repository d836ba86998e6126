/* Values of command-line flags that the programs share. */
#ifndef STDIO_OPTIONS_H
#define STDIO_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "stdio/rules.h"

#define HOSTNAME_SIZE 256

/* The flags that both servers have, with the same letters and meanings. */
#define COMMON_FLAGS "A:d:e:gh:npPst:T:vx:X:"

struct options {
	const char *program;            /* the name that it is installed by */
	const char *known;              /* its flags, in the form of getopt(3) */
	const char *const *keywords;    /* of its capabilities; ends in a NULL */
	const char *checkpassword;      /* -A; NULL: not given */
	const char *root;               /* -d; NULL: not given */
	const char *hostname;           /* -h, else this host's own */
	uint64_t errors_max;            /* -e: the fault that ends a session */
	unsigned seconds;               /* -t: how long the client may take */
	const char *tls_command;        /* -T; NULL: not given */
	bool greeted;                   /* -g: before STARTTLS */
	bool clear_passwords;           /* -p */
	bool is_protected;              /* -s */
	bool proxy;                     /* -P: a PROXY header comes first */
	uint32_t left_out;              /* -X: a bit for each keyword, from 1 on */
	struct rules rules;             /* -x */
	bool lf_ends_lines;             /* -n */
	bool verbose;                   /* -v */
	char own_hostname[HOSTNAME_SIZE];
};

/*
 * The defaults for a program of this name, with these keywords; hostname is
 * NULL, until options_read() has found no -h and asks for this host's own.
 */
void options_init(struct options *options, const char *program,
    const char *const *keywords, unsigned seconds);

/* Whether a client may send its password: nobody listens, or -p is given. */
bool options_allow_passwords(const struct options *options);

/*
 * Goes through the flags of a command line as getopt(3) does, which brings
 * formatted output and message catalogs into a static program.
 */
struct option_scan {
	const char *known;
	char **next;                    /* the word to be looked at */
	const char *letters;            /* what is left of one with flags */
	const char *value;              /* of the flag that was found last, or "" */
	bool has_value;
	char letter[2];                 /* that flag, as a string */
};

void option_scan_begin(struct option_scan *scan, char **argv,
    const char *known);

/*
 * The next flag; '?': one that is not known or whose value is missing, which
 * scan->letter tells; -1: there is none, and scan->next is at what follows.
 */
int option_scan_next(struct option_scan *scan);

/*
 * Takes a flag of COMMON_FLAGS as it was found.  Returns NULL, or what is
 * wrong with it or its value.
 */
const char *options_take(struct options *options, int flag, const char *value);

/*
 * Takes one of a program's own flags, and its value, into the settings that
 * the program has passed.  Returns NULL, or what is wrong with the value.
 */
typedef const char *take_flag(void *settings, int flag, const char *value);

/*
 * Reads a command line without operands: the flags in known, of which those
 * in COMMON_FLAGS go into options and the others to take_own.
 * Ends the program by usage_error() where something is wrong.
 */
void options_read(struct options *options, char **argv, const char *known,
    const char *synopsis, take_flag *take_own, void *settings);

/* A word of printable ASCII, fit for greetings and trace lines. */
bool hostname_is_good(const char *text);

/* This host's own name, made fit; "localhost" where it has none. */
void hostname_find(char name[HOSTNAME_SIZE]);

/* A decimal number from least to most; false where text is anything else. */
bool option_number(const char *text, uint64_t least, uint64_t most,
    uint64_t *number);

/*
 * Ends the program with EX_USAGE: tells what is wrong, with the flag or value
 * it is about, then the synopsis, on standard error; or in the log, where
 * that is the connection itself.
 */
_Noreturn void usage_error(const char *synopsis, const char *message,
    const char *what);

#endif
