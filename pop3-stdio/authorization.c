/* AUTHORIZATION; see authorization.h. */
#include "pop3-stdio/authorization.h"

#include <string.h>

#include "pop3-stdio/gate.h"
#include "pop3-stdio/maildrop.h"
#include "pop3-stdio/session.h"
#include "stdio/log.h"
#include "store/login.h"
#include "store/wipe.h"

/* RFC 2595 section 2.3: no password in clear unless the operator says so. */
const struct reply *
pop3_user(struct session *session, char *argument)
{
	size_t size = strlen(argument) + 1;

	if (!session->settings->clear_passwords)
		return reply(REPLY_NOT_PROTECTED);
	if (size > sizeof session->user)
		return reply(REPLY_ARGUMENT_SYNTAX);
	memcpy(session->user, argument, size);
	return reply(REPLY_USER_OK);
}

const struct reply *
pop3_pass(struct session *session, char *argument)
{
	enum verdict verdict;

	if (!session->settings->clear_passwords)
		return reply(REPLY_NOT_PROTECTED);
	if (session->user[0] == '\0')
		return reply(REPLY_PASS_WITHOUT_USER);
	verdict = gate_ask(session->gate, session->user, argument);
	wipe(argument, strlen(argument));
	session->user[0] = '\0';
	switch (verdict) {
	case VERDICT_LOGGED_IN:
		session->logged_in = true;
		return reply(REPLY_LOGGED_IN);
	case VERDICT_REFUSED:
		return reply(REPLY_WRONG_PASSWORD);
	case VERDICT_IN_USE:
		return reply(REPLY_IN_USE);
	case VERDICT_BROKEN:
		return reply(REPLY_ACCOUNT_BROKEN);
	case VERDICT_FAILED:
		break;
	}
	return reply(REPLY_STORE_FAILED);
}

static void
log_failure(const struct credentials *credentials, const struct peer *peer,
    const char *why)
{
	struct log_line line;

	log_begin(&line, LOG_IS_WARNING, "login-failed");
	log_text(&line, "peer", peer->address);
	log_octets(&line, "user", credentials->user, credentials->user_length);
	log_text(&line, "reason", why);
	log_end(&line);
}

/* Opens the maildrop of a user who has shown the right password. */
static enum verdict
open_maildrop(const struct credentials *credentials, struct mail_root *root,
    const struct peer *peer, struct maildrop *maildrop,
    const struct address *account)
{
	enum store_error error = maildrop_open(maildrop, root, account);

	if (error == STORE_OK)
		return VERDICT_LOGGED_IN;
	log_failure(credentials, peer, store_error_text(error));
	return error == STORE_BUSY ? VERDICT_IN_USE : VERDICT_FAILED;
}

static enum verdict
judge(const struct credentials *credentials, struct mail_root *root,
    const struct peer *peer, struct maildrop *maildrop,
    struct address *account)
{
	switch (login_check(root, credentials->user, credentials->user_length,
	    credentials->password, credentials->password_length, account)) {
	case LOGIN_OK:
		return open_maildrop(credentials, root, peer, maildrop,
		    account);
	case LOGIN_REFUSED:
		log_failure(credentials, peer, "wrong user or password");
		return VERDICT_REFUSED;
	case LOGIN_MALFORMED:
		log_failure(credentials, peer, "malformed verifier: "
		    "set the password anew with mailstore passwd");
		return VERDICT_BROKEN;
	case LOGIN_FAILED:
		break;
	}
	log_failure(credentials, peer, store_error_text(STORE_FAILED));
	return VERDICT_FAILED;
}

bool
authorize(int gate, struct mail_root *root, const struct peer *peer,
    struct maildrop *maildrop, struct address *account)
{
	struct credentials credentials;
	enum verdict verdict = VERDICT_REFUSED;

	while (verdict != VERDICT_LOGGED_IN &&
	    gate_listen(gate, &credentials)) {
		verdict = judge(&credentials, root, peer, maildrop, account);
		wipe(&credentials, sizeof credentials);
		if (!gate_answer(gate, verdict))
			break;
	}
	return verdict == VERDICT_LOGGED_IN;
}
