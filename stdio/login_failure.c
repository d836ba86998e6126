/* After a failed login; see login_failure.h. */
#include "stdio/login_failure.h"

#include "stdio/log.h"

const char *
login_failure_reason(enum password_result result)
{
	switch (result) {
	case PASSWORD_RIGHT:
		break;
	case PASSWORD_WRONG:
		return "wrong user or password";
	case PASSWORD_MALFORMED:
		return "malformed verifier: "
		    "set the password anew with mailstore passwd";
	case PASSWORD_FAILED:
		return "it cannot be checked now";
	}
	return NULL;
}

void
login_failure_log(const struct peer *peer, const char *user,
    size_t user_length, const char *reason)
{
	struct log_line line;

	log_begin(&line, LOG_IS_WARNING, "login-failed");
	log_text(&line, "peer", peer->address);
	log_octets(&line, "user", user, user_length);
	log_text(&line, "reason", reason);
	log_end(&line);
}

void
login_failure_wait(struct line_reader *in, unsigned *failures)
{
	unsigned seconds = *failures < 3 ? 1U << *failures : 8;

	++*failures;
	line_reader_pause(in, deadline_in(seconds));
}
