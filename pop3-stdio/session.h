/*
 * One POP3 session: its state, and the loop that reads commands and answers
 * each (RFC 1939).
 */
#ifndef POP3_STDIO_SESSION_H
#define POP3_STDIO_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pop3-stdio/commands.h"
#include "pop3-stdio/gate.h"
#include "pop3-stdio/maildrop.h"
#include "pop3-stdio/reply.h"
#include "stdio/line_reader.h"
#include "stdio/line_writer.h"
#include "stdio/options.h"
#include "stdio/peer.h"
#include "stdio/session_end.h"

/* RFC 2449 section 4 wants 255 taken; long passwords want more. */
#define COMMAND_LINE_OCTETS_MAX 512

/* What the command line says; it does not change. */
struct settings {
	struct options common;
};

/*
 * Where the session is.  pop3_log_in() makes the one transition there is;
 * UPDATE is what QUIT does on its way out of TRANSACTION.
 *
 * AUTHORIZATION is served by a process of its own, which has no access to the
 * store; TRANSACTION by its parent, after the login.  See gate.h.
 */
enum pop3_state {
	AUTHORIZATION = 1,
	TRANSACTION = 2
};

#define ANY_STATE ((unsigned)AUTHORIZATION | (unsigned)TRANSACTION)

struct session {
	/* for the whole connection */
	struct settings *settings;      /* the uses of -x alone change */
	struct peer *peer;              /* -P sets it */
	enum pop3_state state;
	uint64_t faults;                /* refusals so far; -e bounds them */
	enum session_end end;

	/* AUTHORIZATION */
	struct gate gate;               /* to the process that checks logins */
	char user[COMMAND_LINE_OCTETS_MAX];     /* USER's; "": none just given */
	unsigned failed_logins;
	bool logged_in;                 /* and now to be handed over */

	/* TRANSACTION */
	struct maildrop maildrop;
	uint64_t retrieved;             /* messages sent whole */
	uint64_t removed;               /* by UPDATE */

	/* for the whole connection; so large that they stand last, and all else
	 * in few pages of memory, which two processes have copies of */
	struct line_reader in;
	struct line_writer out;
};

/* Serves the client at descriptors 0 and 1; returns why it ended. */
enum session_end session_run(struct session *session,
    struct settings *settings, struct peer *peer);

/* Whether a capability is offered: -X has not left it out. */
bool session_offers(const struct session *session, enum keyword keyword);


/* Writes one line and its CRLF, as part of a multi-line reply. */
void session_put_line(struct session *session, const char *text);

/* Writes a reply line: "+OK " or "-ERR ", the text, CRLF. */
void session_put_reply(struct session *session, bool positive,
    const char *text);

#endif
