/*
 * pop3-stdio: speaks POP3 on standard input and output, and gives out the mail
 * of the mail root.  This file reads the command line; session.c does the
 * rest.
 */
#include <sysexits.h>

#include "pop3-stdio/commands.h"
#include "pop3-stdio/session.h"
#include "stdio/log.h"
#include "stdio/options.h"
#include "stdio/peer.h"
#include "stdio/process.h"
#include "stdio/tls_wrapper.h"
#include "store/root.h"

static const char synopsis[] =
    "usage: pop3-stdio [-gnpPsv] [-A checkpassword] [-d root] [-e errors]\n"
    "                  [-h hostname] [-t seconds] [-T tlscommand] [-x rule]...\n"
    "                  [-X keyword]...\n";

int
main(int argc, char **argv)
{
	static struct session session;          /* too big for a stack */
	struct settings settings;
	enum root_owner owner;
	enum session_end end;
	struct peer peer;

	(void)argc;
	process_start(-1);
	log_open("pop3-stdio");
	options_init(&settings.common, "pop3-stdio", pop3_keywords, 600);
	options_read(&settings.common, argv, COMMON_FLAGS,
	    synopsis, NULL, NULL);
	settings.common.root = root_path(settings.common.root);
	owner = root_become_owner(settings.common.root);
	if (root_owner_text(owner) != NULL)
		log_event(LOG_IS_WARNING, "start", "note",
		    root_owner_text(owner));
	if (owner == ROOT_OWNER_UNKNOWN)
		return EX_TEMPFAIL;
	if (owner == ROOT_OWNER_FAILED)
		return EX_NOPERM;
	peer_find(&peer, settings.common.is_protected,
	    settings.common.greeted);
	end = session_run(&session, &settings, &peer);
	if (end == END_TLS && settings.common.tls_command != NULL)
		tls_wrapper_execute(&settings.common, argv, &peer);
	return session_end_status(end);
}
