/* The ends of sessions; see session_end.h. */
#include "stdio/session_end.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <sysexits.h>

#include "stdio/process.h"

enum session_end
session_end_from(enum read_status status)
{
	switch (status) {
	case READ_TIMED_OUT:
		return END_TIMED_OUT;
	case READ_STOPPED:
		return END_STOPPED;
	case READ_LINE:
	case READ_BARE_CR:
	case READ_BARE_LF:
	case READ_NUL:
	case READ_TOO_LONG:
	case READ_END:
		break;
	}
	return END_CLOSED;
}

enum session_end
session_end_of(pid_t child)
{
	int status;

	if (process_must_stop())
		(void)kill(child, SIGTERM);
	while (waitpid(child, &status, 0) == -1) {
		if (errno != EINTR)
			return END_STORE;
		if (process_must_stop())
			(void)kill(child, SIGTERM);
	}
	if (process_must_stop())
		return END_STOPPED;
	return WIFEXITED(status) && WEXITSTATUS(status) <= END_RULE ?
	    (enum session_end)WEXITSTATUS(status) : END_STORE;
}

const char *
session_end_text(enum session_end end)
{
	switch (end) {
	case NOT_ENDED:
	case END_CLOSED:
		break;
	case END_QUIT:
		return "quit";
	case END_TIMED_OUT:
		return "timed-out";
	case END_STOPPED:
		return "stopped";
	case END_FAULTS:
		return "too-many-faults";
	case END_STORE:
		return "store-failed";
	case END_TLS:
		return "tls";
	case END_INJECTION:
		return "clear-text-before-tls";
	case END_NO_PROXY_HEADER:
		return "no-proxy-header";
	case END_RULE:
		return "closed-by-rule";
	}
	return "closed";
}

int
session_end_status(enum session_end end)
{
	switch (end) {
	case NOT_ENDED:
	case END_QUIT:
	case END_CLOSED:
	case END_RULE:
		break;
	case END_TIMED_OUT:
	case END_STOPPED:
	case END_STORE:
	case END_TLS:
		return EX_TEMPFAIL;
	case END_FAULTS:
	case END_INJECTION:
	case END_NO_PROXY_HEADER:
		return EX_NOPERM;
	}
	return EX_OK;
}
