/*
 * The parent's part of a login: it answers what comes through the gate.  It
 * knows the store, and does not know what the client has said.
 */
#ifndef POP3_STDIO_JUDGE_H
#define POP3_STDIO_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "pop3-stdio/maildrop.h"
#include "stdio/peer.h"
#include "stdio/sasl.h"
#include "store/address.h"
#include "store/login.h"

struct judge {
	/* set by who calls */
	struct login_source source;
	struct peer *peer;
	bool awaits_peer;               /* -P: the child tells who it is, once */
	uint64_t refusals_max;          /* -e: a child that asks for more is none
	                                 * of ours any longer */

	/* of the login under way */
	struct login_scram scram;
	char user[SASL_NAME_OCTETS_MAX];        /* who began it, for the log */
	size_t user_length;
	bool salt_was_shown;
	bool is_proven;                 /* and account is whose */
	uint64_t refusals;

	/* when judge_run() has returned false: what the child has counted */
	uint64_t faults;

	/* when judge_run() has returned true */
	struct address account;
	struct maildrop *maildrop;      /* open, in the caller's memory */
};

/*
 * Answers until the maildrop is open.  False when the child has ended, or the
 * process is to stop.
 */
bool judge_run(struct judge *judge, int gate);

#endif
