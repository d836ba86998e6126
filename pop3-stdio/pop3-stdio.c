/*
 * pop3-stdio: speaks POP3 on standard input and output, and gives out the mail
 * of the mail root.  This file reads the command line; session.c does the
 * rest.
 */
#include <sysexits.h>

#include "pop3-stdio/session.h"
#include "stdio/log.h"
#include "stdio/options.h"
#include "stdio/peer.h"
#include "stdio/process.h"
#include "store/root.h"

static const char synopsis[] =
    "usage: pop3-stdio [-npv] [-d root] [-e errors] [-h hostname]\n"
    "                  [-t seconds]\n";

static const char *
take_flag_of_pop3(void *place, int flag, const char *value)
{
	struct settings *settings = place;

	(void)value;
	if (flag == 'p')
		settings->clear_passwords = true;
	return NULL;
}

int
main(int argc, char **argv)
{
	static struct session session;          /* too big for a stack */
	struct settings settings = { .clear_passwords = false };
	enum root_owner owner;
	struct peer peer;

	process_start();
	log_open("pop3-stdio");
	options_init(&settings.common, 600);
	options_read(&settings.common, argc, argv, COMMON_FLAGS "p",
	    synopsis, take_flag_of_pop3, &settings);
	settings.common.root = root_path(settings.common.root);
	owner = root_become_owner(settings.common.root);
	if (root_owner_text(owner) != NULL)
		log_event(LOG_IS_WARNING, "start", "note",
		    root_owner_text(owner));
	if (owner == ROOT_OWNER_FAILED)
		return EX_NOPERM;
	peer_find(&peer);
	return session_end_status(session_run(&session, &settings, &peer));
}
