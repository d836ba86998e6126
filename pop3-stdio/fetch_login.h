/* How pop3-fetch logs in: by SASL (RFC 5034), or by USER and PASS. */
#ifndef POP3_STDIO_FETCH_LOGIN_H
#define POP3_STDIO_FETCH_LOGIN_H

#include <stdbool.h>

#include "pop3-stdio/fetch_session.h"

/*
 * Logs in by the best way that the server has.  passwords: whether the
 * password itself may be sent over this connection.
 */
bool fetch_login(struct fetch *fetch, const char *password, bool passwords,
    struct failure *failure);

#endif
