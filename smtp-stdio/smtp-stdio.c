/*
 * smtp-stdio: speaks SMTP on standard input and output, and delivers into the
 * mail root.  This file reads the command line; session.c does the rest.
 */
#include <sysexits.h>
#include <unistd.h>

#include "smtp-stdio/runner.h"
#include "smtp-stdio/session.h"
#include "stdio/local_time.h"
#include "stdio/log.h"
#include "stdio/options.h"
#include "stdio/peer.h"
#include "stdio/process.h"
#include "stdio/program.h"
#include "stdio/tls_wrapper.h"
#include "store/root.h"

static const char synopsis[] =
    "usage: smtp-stdio [-abcglnpPsv] [-A checkpassword] [-d root] [-e errors]\n"
    "                  [-f filter] [-h hostname] [-m size] [-r recipients]\n"
    "                  [-t seconds] [-T tlscommand] [-x rule]... [-X keyword]...\n";

static const char *
take_flag_of_smtp(void *place, int flag, const char *value)
{
	struct settings *settings = place;
	struct program program;

	switch (flag) {
	case 'a':
		settings->submission = true;
		break;
	case 'b':
		settings->bounce = true;
		break;
	case 'c':
		settings->create_accounts = true;
		break;
	case 'f':
		settings->filter = value;
		return program_split(&program, value) ? NULL :
		    "-f wants a command";
	case 'l':
		settings->lmtp = true;
		break;
	case 'm':
		if (!text_to_size(value, &settings->size_max))
			return "-m wants a size such as 50m";
		break;
	case 'r':
		if (!option_number(value, 1, UINT32_MAX,
		    &settings->recipients_max))
			return "-r wants a number of recipients";
		break;
	}
	return NULL;
}

int
main(int argc, char **argv)
{
	static struct session session;          /* too big for a stack */
	struct settings settings = {
		.size_max = (uint64_t)50 << 20,
		.recipients_max = 1000
	};
	enum session_end end = NOT_ENDED;
	enum root_owner owner;
	bool is_parent = false;
	struct peer peer;

	(void)argc;
	process_start(local_time_open());      /* for Date and Received */
	log_open("smtp-stdio");
	options_init(&settings.common, "smtp-stdio", smtp_keywords, 300);
	options_read(&settings.common, argv, COMMON_FLAGS "abcf:lm:r:",
	    synopsis, take_flag_of_smtp, &settings);
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
	if (runner_is_wanted(&settings))
		end = runner_part(&settings, &peer, &is_parent);
	session.lacks_runner = end == END_STORE;
	if (!is_parent)
		end = session_run(&session, &settings, &peer);
	if (runner_companion() != -1)
		_exit((int)end);        /* to the parent, who goes on */
	if (end == END_TLS && settings.common.tls_command != NULL)
		tls_wrapper_execute(&settings.common, argv, &peer);
	return session_end_status(end);
}
