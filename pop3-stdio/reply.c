/* The replies; see reply.h. */
#include "pop3-stdio/reply.h"

static const struct reply replies[REPLY_COUNT] = {
	/* positive, fault, text */
	[REPLY_OK] = { true, false, "Done" },
	[REPLY_USER_OK] = { true, false, "Now the password" },
	[REPLY_LOGGED_IN] = { true, false, "Logged in" },
	[REPLY_BYE] = { true, false, "Bye" },
	[REPLY_REMOVED] = { true, false, "Bye, deleted messages are removed" },
	[REPLY_START_TLS] = { true, false, "Begin TLS now" },

	[REPLY_UNKNOWN_COMMAND] = { false, true, "Unknown command" },
	[REPLY_NOT_OFFERED] = { false, true, "Command not offered" },
	[REPLY_LINE_TOO_LONG] = { false, true, "Line too long" },
	[REPLY_LINE_BROKEN] = { false, true,
	    "Bare CR, bare LF or NUL in a command: only CRLF ends a line" },
	[REPLY_ARGUMENT_SYNTAX] = { false, true,
	    "Argument missing or not understood" },
	[REPLY_NO_ARGUMENT_ALLOWED] = { false, true, "No argument allowed" },
	[REPLY_BAD_STATE] = { false, true, "Not in this state" },
	[REPLY_PASS_WITHOUT_USER] = { false, true, "USER must come first" },
	[REPLY_NOT_PROTECTED] = { false, true,
	    "Passwords are taken on protected connections only" },
	[REPLY_WRONG_PASSWORD] = { false, true,
	    "[AUTH] Wrong user name or password" },
	[REPLY_UNKNOWN_MECHANISM] = { false, true,
	    "Mechanism unknown or not offered" },
	[REPLY_NOT_BASE64] = { false, true, "Not base64" },
	[REPLY_CANCELLED] = { false, true, "Cancelled" },
	[REPLY_PROTECTED_ALREADY] = { false, true,
	    "The connection is protected already" },
	[REPLY_TLS_NOT_OFFERED] = { false, true, "TLS is not offered" },
	[REPLY_TLS_NOT_READY] = { false, false,
	    "TLS cannot be begun now, try again later" },
	[REPLY_TEXT_BEFORE_TLS] = { false, true,
	    "Nothing may stand behind STLS before TLS" },
	[REPLY_NO_MESSAGE] = { false, false, "No such message" },
	[REPLY_DELETED_ALREADY] = { false, false, "Message is deleted" },
	[REPLY_IN_USE] = { false, false,
	    "[IN-USE] Another session has the mailbox open" },
	[REPLY_STORE_FAILED] = { false, false,
	    "[SYS/TEMP] Trouble with the mail store, try again later" },
	[REPLY_ACCOUNT_BROKEN] = { false, false,
	    "[SYS/PERM] The stored password is broken, ask the administrator" },
	[REPLY_MESSAGE_GONE] = { false, false,
	    "[SYS/TEMP] The message cannot be read any more" },
	[REPLY_NOT_ALL_REMOVED] = { false, false,
	    "[SYS/TEMP] Some deleted messages could not be removed" },
};

const struct reply *
reply(enum reply_id id)
{
	return &replies[id];
}
