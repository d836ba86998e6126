/* MAIL and RCPT; see transaction.h. */
#include "smtp-stdio/transaction.h"

#include <stdbool.h>
#include <string.h>

#include "smtp-stdio/parameters.h"
#include "smtp-stdio/path.h"
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

/* Why a path is refused, with the command's own replies; NULL if it is not. */
static const struct reply *
path_reply(enum path_status status, enum reply_id syntax,
    enum reply_id not_ascii)
{
	switch (status) {
	case PATH_OK:
		break;
	case PATH_MALFORMED:
		return reply(syntax);
	case PATH_NOT_ASCII:
		return reply(not_ascii);
	}
	return NULL;
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

/* mail = "MAIL FROM:" Reverse-path [SP Mail-parameters] CRLF */
const struct reply *
smtp_mail(struct session *session, char *argument)
{
	struct mail_parameters parameters;
	const struct reply *refusal;
	struct path path;
	const char *at = skip_keyword(argument, "FROM:");

	if (at == NULL)
		return reply(REPLY_ARGUMENT_SYNTAX);
	refusal = path_reply(path_parse(&path, at, &at), REPLY_SENDER_SYNTAX,
	    REPLY_SENDER_NOT_ASCII);
	if (refusal != NULL)
		return refusal;
	if (path.text[0] != '\0' && path.domain == NULL)
		return reply(REPLY_SENDER_SYNTAX);
	refusal = parameters_reply(mail_parameters_parse(&parameters, at));
	if (refusal == NULL)
		refusal = check_size(session, &parameters);
	if (refusal != NULL)
		return refusal;
	envelope_begin(&session->envelope, path.text);
	smtp_enter_state(session, HAS_SENDER);
	return reply(REPLY_SENDER_OK);
}

/* Which account takes mail for a forward-path; NULL, or why none does. */
static const struct reply *
find_account(struct session *session, const struct path *path,
    struct address *account)
{
	static const char postmaster[] = "postmaster";
	enum store_error error;
	struct address address;

	if (path->domain == NULL) {
		if (!text_equal_folded(path->local, path->local_length,
		    postmaster, sizeof postmaster - 1))
			return reply(REPLY_RECIPIENT_SYNTAX);
		error = account_postmaster(&session->root, account);
		if (error == STORE_NOT_FOUND)
			return reply(REPLY_NO_POSTMASTER);
	} else {
		if (path->literal)
			return reply(REPLY_NO_RELAY);
		if (!address_set(&address, path->local, path->local_length,
		    path->domain, strlen(path->domain)))
			return reply(REPLY_RECIPIENT_SYNTAX);
		error = account_resolve(&session->root, &address,
		    session->settings->create_accounts, account);
	}
	if (error == STORE_OK)
		return NULL;
	if (error != STORE_NOT_FOUND && error != STORE_NOT_HOSTED)
		log_event(LOG_IS_ERROR, "account-look-up", "error",
		    store_error_text(error));
	return reply_for_look_up(error);
}

/* rcpt = "RCPT TO:" ( "<Postmaster>" / Forward-path ) [SP Rcpt-parameters] */
const struct reply *
smtp_rcpt(struct session *session, char *argument)
{
	const char *at = skip_keyword(argument, "TO:");
	const struct reply *refusal;
	struct address account;
	struct path path;

	if (at == NULL)
		return reply(REPLY_ARGUMENT_SYNTAX);
	refusal = path_reply(path_parse(&path, at, &at),
	    REPLY_RECIPIENT_SYNTAX, REPLY_RECIPIENT_NOT_ASCII);
	if (refusal != NULL)
		return refusal;
	refusal = parameters_reply(rcpt_parameters_parse(at));
	if (refusal == NULL &&
	    session->envelope.count >= session->settings->recipients_max)
		refusal = reply(REPLY_TOO_MANY_RECIPIENTS);
	if (refusal == NULL)
		refusal = find_account(session, &path, &account);
	if (refusal != NULL)
		return refusal;
	if (!envelope_add(&session->envelope, path.text, &account))
		return reply(REPLY_STORE_FULL);
	smtp_enter_state(session, HAS_RECIPIENT);
	return reply(REPLY_RECIPIENT_OK);
}
