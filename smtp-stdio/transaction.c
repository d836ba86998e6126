/* MAIL and RCPT; see transaction.h. */
#include "smtp-stdio/transaction.h"

#include <stdbool.h>
#include <string.h>

#include "smtp-stdio/parameters.h"
#include "smtp-stdio/path.h"
#include "smtp-stdio/report.h"
#include "smtp-stdio/session.h"
#include "stdio/log.h"
#include "store/account.h"
#include "store/text.h"

/*
 * "FROM:" or "TO:" in front of a path, without case.  Spaces behind the colon
 * are not in the grammar, but in what clients send.  Returns where the path
 * starts; NULL where the keyword is missing, or nothing follows it.
 */
static const char *
skip_keyword(const char *argument, const char *keyword)
{
	size_t length = strlen(keyword);

	if (strlen(argument) < length ||
	    !text_equal_folded(argument, length, keyword, length))
		return NULL;
	argument += length;
	argument += strspn(argument, " \t");
	return *argument == '\0' ? NULL : argument;
}

/* RFC 1870 section 6.1: whether a message of the declared size may come. */
static const struct reply *
check_size(struct session *session, const struct mail_parameters *parameters)
{
	uint64_t size_max = session->settings->size_max;

	if (!parameters->has_size)
		return NULL;
	if (size_max != 0 && parameters->size > size_max)
		return reply(REPLY_TOO_BIG);
	if (!root_has_room(&session->root, parameters->size))
		return reply(REPLY_STORE_FULL);
	return NULL;
}

static const struct reply *
parameters_reply(enum parameter_status status)
{
	switch (status) {
	case PARAMETERS_OK:
		break;
	case PARAMETERS_MALFORMED:
		return reply(REPLY_PARAMETER_SYNTAX);
	case PARAMETERS_UNKNOWN:
		return reply(REPLY_UNKNOWN_PARAMETER);
	}
	return NULL;
}

/* What -X leaves out; SMTPUTF8 goes with 8BITMIME (RFC 6531 section 3.1). */
static uint32_t
left_out(const struct session *session)
{
	uint32_t keywords = session->settings->common.left_out;

	return keywords & KEYWORD_8BITMIME ? keywords | KEYWORD_SMTPUTF8 :
	    keywords;
}

static bool
is_hosted(struct session *session, const char *domain)
{
	static const char any[] = "postmaster";
	struct address address;

	return address_set(&address, any, sizeof any - 1, domain,
	    strlen(domain)) &&
	    account_find(&session->root, &address) != STORE_NOT_HOSTED;
}

/* Whether the client may send to other hosts. */
static bool
may_relay(const struct session *session)
{
	const struct settings *settings = session->settings;

	return settings->submission && !settings->lmtp &&
	    session->user[0] != '\0';
}

/*
 * RFC 6409 section 4.2: on a submission service a domain of one label is an
 * abbreviation, unless it is one of ours.
 */
static bool
is_abbreviated(struct session *session, const struct path *path)
{
	return session->settings->submission && path->domain != NULL &&
	    !path->literal && strchr(path->domain, '.') == NULL &&
	    !is_hosted(session, path->domain);
}

/* mail = "MAIL FROM:" Reverse-path [SP Mail-parameters] CRLF */
const struct reply *
smtp_mail(struct session *session, char *argument)
{
	struct parameter_terms terms = { left_out(session), false };
	struct mail_parameters parameters;
	enum parameter_status status;
	const struct reply *refusal;
	struct path path;
	const char *at = skip_keyword(argument, "FROM:");
	bool is_path;

	if (at == NULL)
		return reply(REPLY_ARGUMENT_SYNTAX);
	is_path = path_parse(&path, at, &at);
	status = mail_parameters_parse(&parameters, &terms, at);
	if (!path.is_ascii && !parameters.has_utf8)
		return reply(REPLY_SENDER_NOT_ASCII);
	if (!is_path || (path.text[0] != '\0' && path.domain == NULL))
		return reply(REPLY_SENDER_SYNTAX);
	refusal = parameters_reply(status);
	if (refusal == NULL)
		refusal = check_size(session, &parameters);
	if (refusal == NULL && is_abbreviated(session, &path))
		refusal = reply(REPLY_SENDER_NOT_QUALIFIED);
	if (refusal != NULL)
		return refusal;
	envelope_begin(&session->envelope, path.text, &parameters);
	smtp_enter_state(session, HAS_SENDER);
	return reply(REPLY_SENDER_OK);
}

/* The account that takes mail for a forward-path, or why there is none. */
static enum store_error
find_account(struct session *session, const struct path *path,
    struct address *account)
{
	struct address address;

	if (path->domain == NULL)
		return account_postmaster(&session->root, account);
	if (path->literal || !address_set(&address, path->local,
	    path->local_length, path->domain, strlen(path->domain)))
		return STORE_NOT_HOSTED;
	return account_resolve(&session->root, &address,
	    session->settings->create_accounts, account);
}

/* Whether a forward-path can be looked up at all; NULL, or why it cannot. */
static const struct reply *
check_forward_path(struct session *session, const struct path *path)
{
	static const char postmaster[] = "postmaster";
	struct address address;

	if (path->domain == NULL)
		return text_equal_folded(path->local, path->local_length,
		    postmaster, sizeof postmaster - 1) ? NULL :
		    reply(REPLY_RECIPIENT_SYNTAX);
	/* What is no safe name here may be one elsewhere. */
	if (!path->literal && !address_set(&address, path->local,
	    path->local_length, path->domain, strlen(path->domain)) &&
	    (!may_relay(session) || is_hosted(session, path->domain)))
		return reply(REPLY_RECIPIENT_SYNTAX);
	return is_abbreviated(session, path) ?
	    reply(REPLY_RECIPIENT_NOT_QUALIFIED) : NULL;
}

/*
 * -b: whether a message for nobody is accepted, and returned.  Only to the
 * one who has sent it: else a report would go to whom the client names.
 */
static bool
may_be_returned(struct session *session)
{
	struct address sender;
	char text[ADDRESS_TEXT_SIZE];

	if (!session->settings->bounce || session->user[0] == '\0' ||
	    report_find_sender(&session->root, session->envelope.reverse_path,
	    &sender) != STORE_OK)
		return false;
	address_text(&sender, text);
	return strcmp(text, session->user) == 0;
}

/* account: whose mail cannot be looked up, where that is known. */
static void
log_look_up(const struct address *account, enum store_error error)
{
	char text[ADDRESS_TEXT_SIZE] = "";
	struct log_line line;

	if (account != NULL)
		address_text(account, text);
	log_begin(&line, LOG_IS_ERROR, "account-look-up");
	log_text(&line, "account", text);
	log_text(&line, "error", store_error_text(error));
	log_end(&line);
}

static void
log_skipped(const char *account, const char *target, const char *why)
{
	struct log_line line;

	log_begin(&line, LOG_IS_WARNING, "forward-skipped");
	log_text(&line, "account", account);
	log_text(&line, "target", target);
	log_text(&line, "reason", why);
	log_end(&line);
}

/* Whether no mailbox has room for a message of the declared size. */
static bool
is_full(const struct session *session, const struct expansion_mark *mark)
{
	const struct envelope *envelope = &session->envelope;
	const struct mail_parameters *parameters = &envelope->parameters;
	uint64_t size = parameters->has_size ? parameters->size : 0;
	size_t i;

	if (envelope->expansion.remote_count > mark->remotes)
		return false;
	for (i = mark->targets; i < envelope->expansion.target_count; i++) {
		uint64_t room = envelope->expansion.targets[i].room;

		if (room > 0 && size <= room)
			return false;
	}
	return true;
}

/* Finds where an account's mail goes; NULL, or why it gets none now. */
static const struct reply *
expand(struct session *session, const struct address *account)
{
	struct expansion *expansion = &session->envelope.expansion;
	struct expansion_mark mark = expansion_mark(expansion);
	enum store_error error;

	error = expansion_add(expansion, &session->root, account, log_skipped);
	if (error == STORE_NOT_FOUND)
		return reply(REPLY_FORWARD_LEADS_NOWHERE);
	if (error != STORE_OK) {
		log_look_up(account, error);
		return reply_for_delivery(error);
	}
	if (!is_full(session, &mark))
		return NULL;
	expansion_cut(expansion, &mark);
	return reply(REPLY_MAILBOX_FULL);
}

/*
 * Looks a recipient up; NULL, or why there is none.  *known is one before it
 * whose mail goes the same ways: a list named often is expanded once.
 */
static const struct reply *
find_mailboxes(struct session *session, const struct path *path,
    const struct recipient **known)
{
	struct address account;
	enum store_error error = find_account(session, path, &account);
	char text[ADDRESS_TEXT_SIZE];

	*known = NULL;
	if (error == STORE_OK) {
		address_text(&account, text);
		*known = envelope_find_forwarded(&session->envelope, text);
		return *known != NULL ? NULL : expand(session, &account);
	}
	if (error == STORE_NOT_HOSTED && may_relay(session))
		return expansion_add_remote(&session->envelope.expansion,
		    path->text) == STORE_OK ? NULL : reply(REPLY_STORE_FULL);
	if (error == STORE_NOT_FOUND && path->domain == NULL)
		return reply(REPLY_NO_POSTMASTER);
	if (error == STORE_NOT_FOUND && may_be_returned(session))
		return NULL;            /* there is nobody, and that is told */
	if (error != STORE_NOT_FOUND && error != STORE_NOT_HOSTED)
		log_look_up(NULL, error);
	return reply_for_look_up(error);
}

/* Adds a recipient to the envelope; the reply to RCPT. */
static const struct reply *
add_recipient(struct session *session, const struct path *path,
    const struct rcpt_parameters *parameters)
{
	struct envelope *envelope = &session->envelope;
	struct expansion_mark mark = expansion_mark(&envelope->expansion);
	const struct recipient *known;
	const struct reply *refusal = find_mailboxes(session, path, &known);

	if (refusal != NULL)
		return refusal;
	if (known != NULL ? !envelope_add_like(envelope, path->text,
	    parameters, known) : !envelope_add(envelope, path->text,
	    parameters, &mark)) {
		expansion_cut(&envelope->expansion, &mark);
		return reply(REPLY_STORE_FULL);
	}
	smtp_enter_state(session, HAS_RECIPIENT);
	return reply(REPLY_RECIPIENT_OK);
}

/* rcpt = "RCPT TO:" ( "<Postmaster>" / Forward-path ) [SP Rcpt-parameters] */
const struct reply *
smtp_rcpt(struct session *session, char *argument)
{
	struct parameter_terms terms = {
		left_out(session), session->envelope.parameters.has_utf8
	};
	const char *at = skip_keyword(argument, "TO:");
	struct rcpt_parameters parameters;
	const struct reply *refusal;
	struct path path;
	bool is_path;

	if (at == NULL)
		return reply(REPLY_ARGUMENT_SYNTAX);
	is_path = path_parse(&path, at, &at);
	if (!path.is_ascii && !terms.has_utf8)
		return reply(REPLY_RECIPIENT_NOT_ASCII);
	if (!is_path)
		return reply(REPLY_RECIPIENT_SYNTAX);
	refusal = parameters_reply(rcpt_parameters_parse(&parameters, &terms,
	    at));
	if (refusal == NULL &&
	    session->envelope.count >= session->settings->recipients_max)
		refusal = reply(REPLY_TOO_MANY_RECIPIENTS);
	if (refusal == NULL)
		refusal = check_forward_path(session, &path);
	return refusal != NULL ? refusal :
	    add_recipient(session, &path, &parameters);
}
