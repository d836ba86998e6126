/* The confinement of smtp-stdio; see confinement.h. */
#include "smtp-stdio/confinement.h"

#include "smtp-stdio/keywords.h"
#include "smtp-stdio/session.h"
#include "stdio/confine.h"
#include "store/secret.h"

/* A mailbox or the queue: what comes there by a link can go again; no more. */
#define MAILBOX_RIGHTS \
	(CONFINE_LIST | CONFINE_DIRECTORIES | CONFINE_NAMES | CONFINE_REMOVE)

/* The files with passwords, only where there is a login that reads them. */
static bool
reads_passwords(const struct session *session)
{
	return session_offers(session, KEYWORD_AUTH) &&
	    session->settings->common.checkpassword == NULL;
}

enum store_error
smtp_confine(struct session *session)
{
	struct mail_root *root = &session->root;
	struct confinement confinement;
	enum store_error error;
	int incoming, outgoing;

	/* What is made once and for all is made now, or not in this session. */
	error = root_part(root, ROOT_INCOMING, &incoming);
	if (error == STORE_OK)
		error = root_part(root, ROOT_OUTGOING, &outgoing);
	if (error != STORE_OK)
		return error;
	if (reads_passwords(session))
		(void)secret_ensure(root);

	confine_begin(&confinement, session->settings->common.root);
	confine_allow(&confinement, root->accounts, "accounts",
	    CONFINE_READ | CONFINE_LIST | CONFINE_DIRECTORIES);
	confine_allow(&confinement, root->mail, "mail", MAILBOX_RIGHTS);
	confine_allow(&confinement, root->incoming, "mail/.incoming",
	    MAILBOX_RIGHTS | CONFINE_READ | CONFINE_WRITE);
	confine_allow(&confinement, root->outgoing, "outgoing",
	    MAILBOX_RIGHTS);
	if (reads_passwords(session))
		confine_allow(&confinement, root->passwords, "passwords",
		    CONFINE_READ | CONFINE_LIST);
	return confine_log(confine_enter(&confinement)) ? STORE_OK :
	    STORE_FAILED;
}
