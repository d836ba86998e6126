/*
 * One SMTP session: its state, and the loop that reads commands and answers
 * each with one reply (RFC 5321).
 */
#ifndef SMTP_STDIO_SESSION_H
#define SMTP_STDIO_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "smtp-stdio/chunks.h"
#include "smtp-stdio/envelope.h"
#include "smtp-stdio/keywords.h"
#include "smtp-stdio/reply.h"
#include "stdio/line_reader.h"
#include "stdio/line_writer.h"
#include "stdio/options.h"
#include "stdio/peer.h"
#include "stdio/session_end.h"
#include "store/login.h"
#include "store/root.h"
#include "store/text.h"

/* RFC 5321 section 4.5.3.1.4 wants 512 taken; extensions add to that. */
#define COMMAND_LINE_OCTETS_MAX 4096

/* RFC 4954 section 4: AUTH with an initial response. */
#define AUTH_LINE_OCTETS_MAX 12288

/* What the command line says; it does not change. */
struct settings {
	struct options common;
	uint64_t size_max;              /* -m, in octets; 0: no limit */
	uint64_t recipients_max;        /* -r */
	bool submission;                /* -a */
	bool bounce;                    /* -b */
	bool create_accounts;           /* -c */
	bool lmtp;                      /* -l */
	const char *filter;             /* -f; NULL: none */
};

/*
 * Where the session is.  smtp_enter_state() alone changes it.
 *
 *   CONNECTED --EHLO, HELO--> GREETED --MAIL--> HAS_SENDER
 *      --RCPT--> HAS_RECIPIENT --DATA--> GREETED
 *
 *   HAS_RECIPIENT --BDAT--> HAS_CHUNKS --BDAT LAST--> GREETED
 *      --BDAT that fails--> CHUNKS_FAILED
 *
 * RSET and EHLO lead back to GREETED, from CONNECTED only EHLO and HELO out.
 * Whether the client has authenticated, or is protected by TLS, is no state.
 */
enum smtp_state {
	CONNECTED = 1,
	GREETED = 2,
	HAS_SENDER = 4,
	HAS_RECIPIENT = 8,
	HAS_CHUNKS = 16,        /* a message that is still to be gone on with */
	CHUNKS_FAILED = 32      /* and one that the client has to give up */
};

#define MAY_ADD_RECIPIENT ((unsigned)HAS_SENDER | (unsigned)HAS_RECIPIENT)
#define IN_TRANSACTION \
	(MAY_ADD_RECIPIENT | (unsigned)HAS_CHUNKS | (unsigned)CHUNKS_FAILED)
#define ANY_STATE ((unsigned)CONNECTED | (unsigned)GREETED | IN_TRANSACTION)

struct session {
	/* for the whole connection */
	struct line_reader in;
	struct line_writer out;
	struct settings *settings;      /* the uses of -x alone change */
	struct peer *peer;              /* -P sets it */
	struct mail_root root;
	struct login_source logins;
	bool lacks_runner;              /* no process for programs: no service */
	unsigned failed_logins;
	char user[ADDRESS_TEXT_SIZE];   /* who has authenticated; "": nobody */
	uint64_t faults;                /* refusals so far; -e bounds them */
	uint64_t refused_recipients;    /* unknown ones, which are no faults */
	uint64_t messages;              /* delivered */
	enum session_end end;

	/* a reply whose text is made for the occasion */
	struct reply made;
	char made_text[REPLY_LINE_OCTETS_MAX];

	/* since EHLO or HELO; the next one sets both anew */
	char client_name[256];          /* its argument */
	bool extended;                  /* it was EHLO */

	/* the mail transaction; smtp_enter_state(GREETED) empties it */
	enum smtp_state state;
	struct envelope envelope;
	struct chunks chunks;           /* begun in HAS_CHUNKS */

	/* a login under way */
	struct login_scram scram;       /* its account, for any mechanism */
	struct text scram_user;         /* as the client has said it */
	char scram_user_buffer[ADDRESS_TEXT_SIZE];
	char secret_line[AUTH_LINE_OCTETS_MAX];         /* its command; wiped */
};

/*
 * Serves the client at descriptors 0 and 1, and returns why the session ended.
 */
enum session_end session_run(struct session *session,
    struct settings *settings, struct peer *peer);

/* Changes the state; every state before HAS_SENDER empties the envelope. */
void smtp_enter_state(struct session *session, enum smtp_state state);

/* Makes a reply of the table with a text of its own. */
const struct reply *session_reply_with(struct session *session,
    enum reply_id id, const char *text);

/*
 * Sends a reply.  The fault that is one too many is answered with 421 in its
 * place, and ends the session.
 */
void session_send(struct session *session, const struct reply *reply);

/*
 * LMTP: sends one recipient's reply to a message.  They are told of all, and
 * the message is one fault at the most: session_end_replies() says so, behind
 * the last of them, with the worst.
 */
void session_send_one_of(struct session *session, const struct reply *reply);
void session_end_replies(struct session *session, const struct reply *worst);

/*
 * Says what a rule of -x says, so many times; where that is nothing, the
 * connection is to be closed.
 */
void session_say(struct session *session, const char *text, size_t times);

/* Whether a keyword is offered: -X has not left it out. */
bool session_offers(const struct session *session, enum keyword keyword);

/* Writes one line of a reply; more says that it is not the last one. */
void session_put_line(struct session *session, const struct reply *reply,
    const char *text, bool more);

/*
 * Ends the session because of what the reader said, which is READ_END,
 * READ_TIMED_OUT or READ_STOPPED; returns the reply to go, or NULL.
 */
const struct reply *session_end_input(struct session *session,
    enum read_status status);

#endif
