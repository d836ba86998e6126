/*
 * pop3-fetch's side of the conversation (RFC 1939, RFC 2449): commands, the
 * replies to them, and replies of many lines.  Nothing that a server sends is
 * believed for longer than it keeps to the protocol.
 */
#ifndef POP3_STDIO_FETCH_SESSION_H
#define POP3_STDIO_FETCH_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stdio/client.h"
#include "stdio/connection.h"
#include "stdio/failure.h"

/* What the server says that it can, in answer to CAPA. */
struct capabilities {
	bool known;             /* it has answered CAPA */
	bool top, uidl, pipelining;
	char sasl[1024];        /* its mechanisms, blanks between them */
};

struct fetch {
	struct connection connection;
	struct capabilities can;
	const char *program;    /* argv[0], before messages */
	const struct client *client;    /* where the mail is, and whose */
	bool json;              /* -j */
	bool raw;               /* -r */
	bool keep;              /* -k: nothing is deleted */
	bool is_over;           /* QUIT has been said, or would be of no use */
	int status;             /* of what failed while the rest went on; or 0 */
};

enum answer {
	ANSWER_OK,
	ANSWER_REFUSED,         /* -ERR; the failure has it, the session goes on */
	ANSWER_CHALLENGE,       /* "+ ", where a login goes on */
	ANSWER_NONE             /* the session is of no use; failure says why */
};

/* Takes the greeting, where one is to come, and asks for the capabilities. */
bool fetch_begin(struct fetch *fetch, struct failure *failure);

/* Appends a command; it goes out when the next reply is waited for. */
void fetch_send(struct fetch *fetch, const char *command);

/*
 * Takes the reply to a command, of which to is as much as may be shown.
 * *text is what stands behind the status, until the next line is taken.
 */
enum answer fetch_answer(struct fetch *fetch, const char *to,
    const char **text, struct failure *failure);

/* The same in an AUTH exchange: no other has ANSWER_CHALLENGE. */
enum answer fetch_login_answer(struct fetch *fetch, const char *to,
    const char **text, struct failure *failure);

/* Both, for a command of a verb and, unless it is 0, a message-number. */
enum answer fetch_ask(struct fetch *fetch, const char *verb, uint64_t number,
    struct failure *failure);

/* Room for a verb of four letters and two numbers. */
#define FETCH_COMMAND_SIZE 64

/* Writes "VERB number", or the verb alone for 0. */
void fetch_command(char command[FETCH_COMMAND_SIZE], const char *verb,
    uint64_t number);

/*
 * Takes the next line of a reply of many lines, without its stuffed dot;
 * *line is NULL after the last one.
 */
bool fetch_line(struct fetch *fetch, const char *to, char **line,
    size_t *length, struct failure *failure);

/*
 * How many commands may be sent before their replies are taken: so few that
 * they fit into what lies between us and any server (RFC 2449 section 6.6).
 */
unsigned fetch_window(const struct fetch *fetch);

/* Who gets the text of a message, piece by piece, with LF line ends. */
typedef bool fetch_sink(void *context, const char *octets, size_t length,
    struct failure *failure);

/*
 * Takes the text that follows on +OK, all of it.  False where it does not
 * end well, or is longer than octets_max, or sink says so: then the session
 * is of no use any more.
 */
bool fetch_text(struct fetch *fetch, const char *to, uint64_t octets_max,
    fetch_sink *sink, void *context, struct failure *failure);

/* The most octets of a message that is said to have so many. */
uint64_t fetch_octets_max(uint64_t announced);

/* Tells of what failed for one message, while the rest goes on. */
void fetch_note(struct fetch *fetch, const struct failure *failure);

/*
 * Ends the session by QUIT; what it has deleted goes when that is answered by
 * +OK.  Nothing where the session is over, or of no use.
 */
bool fetch_quit(struct fetch *fetch, struct failure *failure);

#endif
