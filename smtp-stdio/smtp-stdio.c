/*
 * smtp-stdio: speaks SMTP on standard input and output, and delivers into the
 * mail root.  This file reads the command line; session.c does the rest.
 */
#include <sysexits.h>
#include <unistd.h>

#include "smtp-stdio/session.h"
#include "stdio/log.h"
#include "stdio/options.h"
#include "stdio/peer.h"
#include "stdio/process.h"
#include "store/root.h"

static const char synopsis[] =
    "usage: smtp-stdio [-cnv] [-d root] [-e errors] [-h hostname] [-m size]\n"
    "                  [-r recipients] [-t seconds]\n";

static void
read_flags(int argc, char **argv, struct settings *settings)
{
	const char *complaint = NULL;
	char unknown[2] = "";
	int flag;

	opterr = 0;
	while (complaint == NULL &&
	    (flag = getopt(argc, argv, COMMON_FLAGS "cm:r:")) != -1) {
		switch (flag) {
		case 'c':
			settings->create_accounts = true;
			break;
		case 'm':
			if (!option_size(optarg, &settings->size_max))
				complaint = "-m wants a size such as 50m";
			break;
		case 'r':
			if (!option_number(optarg, 1, UINT32_MAX,
			    &settings->recipients_max))
				complaint = "-r wants a number of recipients";
			break;
		default:
			complaint = options_take(&settings->common, flag,
			    optarg);
			if (flag == '?') {
				unknown[0] = (char)optopt;
				optarg = unknown;
			}
		}
	}
	if (complaint != NULL)
		usage_error(synopsis, complaint, optarg);
	if (optind < argc)
		usage_error(synopsis, "unexpected argument", argv[optind]);
	settings->common.root = root_path(settings->common.root);
}

int
main(int argc, char **argv)
{
	static struct session session;          /* too big for a stack */
	struct settings settings = {
		.size_max = (uint64_t)50 << 20,
		.recipients_max = 1000
	};
	enum root_owner owner;
	struct peer peer;

	process_start();
	log_open("smtp-stdio");
	options_init(&settings.common, 300);
	read_flags(argc, argv, &settings);
	owner = root_become_owner(settings.common.root);
	if (root_owner_text(owner) != NULL)
		log_event(LOG_IS_WARNING, "start", "note",
		    root_owner_text(owner));
	if (owner == ROOT_OWNER_FAILED)
		return EX_NOPERM;
	peer_find(&peer);
	return session_end_status(session_run(&session, &settings, &peer));
}
