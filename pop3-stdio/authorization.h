/* The AUTHORIZATION state: USER and PASS, and who checks them. */
#ifndef POP3_STDIO_AUTHORIZATION_H
#define POP3_STDIO_AUTHORIZATION_H

#include "pop3-stdio/reply.h"
#include "stdio/peer.h"
#include "store/address.h"
#include "store/root.h"

struct maildrop;
struct session;

/* RFC 1939 section 7; argument is what follows the verb. */
const struct reply *pop3_user(struct session *session, char *argument);
const struct reply *pop3_pass(struct session *session, char *argument);

/*
 * The parent's part: answers what comes through the gate until somebody has
 * logged in, and then has the maildrop open.  False when the child has ended
 * or the process is to stop.
 */
bool authorize(int gate, struct mail_root *root, const struct peer *peer,
    struct maildrop *maildrop, struct address *account);

#endif
