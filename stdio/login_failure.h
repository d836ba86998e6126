/* What happens after a failed login, in both protocols. */
#ifndef STDIO_LOGIN_FAILURE_H
#define STDIO_LOGIN_FAILURE_H

#include <stddef.h>

#include "stdio/line_reader.h"
#include "stdio/peer.h"
#include "store/password.h"

/* Why a login failed, in words for the log; NULL for PASSWORD_RIGHT. */
const char *login_failure_reason(enum password_result result);

/*
 * Logs it, as one line of a form that others read: fail2ban.conf here.  The
 * peer comes first, so that nothing that a client sends stands before it.
 */
void login_failure_log(const struct peer *peer, const char *user,
    size_t user_length, const char *reason);

/*
 * Waits before the reply to a failed login, and counts it: 1 second, then 2,
 * 4, and 8 each.  The end of input and a request to stop end the wait; what
 * the client sends meanwhile is kept.
 */
void login_failure_wait(struct line_reader *in, unsigned *failures);

#endif
