/* The replies; see reply.h. */
#include "smtp-stdio/reply.h"

#include <stddef.h>

static const struct reply replies[REPLY_COUNT] = {
	[REPLY_GREETING] =
	    { 220, NULL, NULL },
	[REPLY_GREETING_FAILED] =
	    { 421, NULL, NULL },
	[REPLY_HELLO] =
	    { 250, NULL, NULL },
	[REPLY_HELLO_SYNTAX] =
	    { 501, NULL, "The argument must be one word: your host's name" },
	[REPLY_OTHER_HELLO] =
	    { 500, NULL, "This is LMTP: say LHLO" },
	[REPLY_START_DATA] =
	    { 354, NULL, "End the message with a line of one dot" },

	[REPLY_OK] =
	    { 250, "2.0.0", "OK" },
	[REPLY_SENDER_OK] =
	    { 250, "2.1.0", "Sender OK" },
	[REPLY_RECIPIENT_OK] =
	    { 250, "2.1.5", "Recipient OK" },
	[REPLY_DELIVERED] =
	    { 250, "2.0.0", NULL },
	[REPLY_HELP] =
	    { 214, "2.0.0", "EHLO HELO LHLO AUTH STARTTLS MAIL RCPT DATA BDAT "
	    "RSET NOOP VRFY HELP QUIT: see RFC 5321, RFC 2033" },
	[REPLY_BYE] =
	    { 221, "2.0.0", "Bye" },
	[REPLY_WILL_NOT_VERIFY] =
	    { 252, "2.0.0", "Not verified: send mail and see" },
	[REPLY_AUTHENTICATED] =
	    { 235, "2.7.0", "Authenticated" },
	[REPLY_START_TLS] =
	    { 220, "2.0.0", "Begin TLS now" },

	[REPLY_STOPPED] =
	    { 421, "4.3.2", "Shutting down, try again later" },
	[REPLY_TIMED_OUT] =
	    { 421, "4.4.2", "Timed out waiting for you" },
	[REPLY_TOO_MANY_FAULTS] =
	    { 421, "4.7.0", "Too many errors" },
	[REPLY_STORE_FAILED] =
	    { 451, "4.3.0", "Trouble with the mail store, try again later" },
	[REPLY_NO_POSTMASTER] =
	    { 451, "4.3.0", "No domain is hosted here yet" },
	[REPLY_STORE_FULL] =
	    { 452, "4.3.1", "No room in the mail store, try again later" },
	[REPLY_MAILBOX_FULL] =
	    { 452, "4.2.2", "The mailbox is full, try again later" },
	[REPLY_FORWARD_LEADS_NOWHERE] =
	    { 451, "4.3.5", "The mailbox is forwarded to nowhere, the "
	    "administrator has to mend that" },
	[REPLY_FILTER_FAILED] =
	    { 451, "4.3.0", "Trouble with the mail filter, try again later" },
	[REPLY_TOO_MANY_RECIPIENTS] =
	    { 452, "4.5.3", "Too many recipients, send to the others apart" },
	[REPLY_AUTH_FAILED] =
	    { 454, "4.7.0", "Cannot check that now, try again later" },
	[REPLY_TLS_NOT_READY] =
	    { 454, "4.7.0", "TLS cannot be begun now, try again later" },

	[REPLY_UNKNOWN_COMMAND] =
	    { 500, "5.5.2", "Unknown command" },
	[REPLY_LINE_TOO_LONG] =
	    { 500, "5.5.2", "Line too long" },
	[REPLY_LINE_BROKEN] =
	    { 500, "5.5.2", "Bare CR, bare LF or NUL in a command: "
	    "only CRLF ends a line" },
	[REPLY_ARGUMENT_SYNTAX] =
	    { 501, "5.5.4", "Argument missing or not understood" },
	[REPLY_NO_ARGUMENT_ALLOWED] =
	    { 501, "5.5.4", "No argument allowed" },
	[REPLY_NOT_OFFERED] =
	    { 502, "5.5.1", "Command not offered" },
	[REPLY_BAD_SEQUENCE] =
	    { 503, "5.5.1", "Bad sequence of commands" },
	[REPLY_UNKNOWN_MECHANISM] =
	    { 504, "5.5.4", "Mechanism unknown or not offered" },
	[REPLY_ENCRYPTION_NEEDED] =
	    { 538, "5.7.11", "Passwords are taken on protected connections "
	    "only: use TLS" },
	[REPLY_WRONG_CREDENTIALS] =
	    { 535, "5.7.8", "Wrong user name or password" },
	[REPLY_AUTH_CANCELLED] =
	    { 501, "5.7.0", "Cancelled" },
	[REPLY_NOT_BASE64] =
	    { 501, "5.5.2", "Not base64" },
	[REPLY_AUTH_LINE_TOO_LONG] =
	    { 500, "5.5.6", "Line too long" },
	[REPLY_TEXT_BEFORE_TLS] =
	    { 501, "5.5.4", "Nothing may stand behind STARTTLS before TLS" },
	[REPLY_LOGIN_NEEDED] =
	    { 530, "5.7.0", "Log in first, by AUTH" },
	[REPLY_SENDER_SYNTAX] =
	    { 501, "5.1.7", "Bad sender address" },
	[REPLY_RECIPIENT_SYNTAX] =
	    { 501, "5.1.3", "Bad recipient address" },
	[REPLY_SENDER_NOT_ASCII] =
	    { 550, "5.6.7", "Sender address is not ASCII" },
	[REPLY_RECIPIENT_NOT_ASCII] =
	    { 553, "5.6.7", "Recipient address is not ASCII" },
	[REPLY_UNKNOWN_PARAMETER] =
	    { 555, "5.5.4", "Parameter not known or not offered" },
	[REPLY_PARAMETER_SYNTAX] =
	    { 501, "5.5.4", "Bad parameter, bad value, or given twice" },
	[REPLY_UNKNOWN_MAILBOX] =
	    { 550, "5.1.1", "No such mailbox here" },
	[REPLY_NO_RELAY] =
	    { 550, "5.7.1", "Mail for that domain is not taken here" },
	[REPLY_SENDER_NOT_QUALIFIED] =
	    { 554, "5.1.8", "The sender's domain needs its full name" },
	[REPLY_RECIPIENT_NOT_QUALIFIED] =
	    { 554, "5.1.2", "The recipient's domain needs its full name" },
	[REPLY_TOO_BIG] =
	    { 552, "5.3.4", "Message too big" },
	[REPLY_LINE_ENDS] =
	    { 550, "5.6.0", "Bare CR, bare LF or NUL in the message: "
	    "only CRLF ends a line" },
	[REPLY_LOOP] =
	    { 554, "5.4.6", "The message has been here before, or too often "
	    "elsewhere: a mail loop" },
	[REPLY_FILTER_REFUSES] =
	    { 550, "5.7.1", NULL },
};

const struct reply *
reply(enum reply_id id)
{
	return &replies[id];
}

const struct reply *
reply_for_look_up(enum store_error error)
{
	switch (error) {
	case STORE_NOT_HOSTED:
		return reply(REPLY_NO_RELAY);
	case STORE_NOT_FOUND:
		return reply(REPLY_UNKNOWN_MAILBOX);
	case STORE_OK:
	case STORE_EXISTS:
	case STORE_BUSY:
	case STORE_MALFORMED:
	case STORE_FULL:
	case STORE_FAILED:
		break;
	}
	return reply_for_delivery(error);
}

const struct reply *
reply_for_delivery(enum store_error error)
{
	return error == STORE_FULL ? reply(REPLY_STORE_FULL) :
	    reply(REPLY_STORE_FAILED);
}

bool
reply_is_fault(const struct reply *said)
{
	return said->code >= 500 && said != reply(REPLY_UNKNOWN_MAILBOX);
}
