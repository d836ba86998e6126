/*
 * smtp-send: sends one message to its recipients, by way of a server over
 * TCP, of a command, or of this host's own smtp-stdio.  This file reads the
 * command line and says what has become of it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "smtp-stdio/compose.h"
#include "smtp-stdio/queue_run.h"
#include "smtp-stdio/smtp_client.h"
#include "smtp-stdio/submission.h"
#include "stdio/client.h"
#include "stdio/connection.h"
#include "stdio/options.h"
#include "stdio/process.h"
#include "store/root.h"
#include "store/text.h"
#include "store/utf8.h"

static const char synopsis[] =
    "usage: smtp-send [-glptv] [-A attachment]... [-d root] [-f from]\n"
    "                 [-h hostname] [-N notify] [-R full|hdrs] [-s subject]\n"
    "                 [-S host[:port]] [-T seconds] [-u user]\n"
    "                 [-w passwordfile] recipient ... [-- command ...]\n"
    "       smtp-send -q [-glpv] [-d root] [-D domain]... [-h hostname]\n"
    "                 [-j connections] [-T seconds] [-u user]\n"
    "                 [-w passwordfile] -S host[:port] | -- command ...\n";

#define NOTIFY_SIZE 64          /* of -N, which may say a word twice */

/* All that the command line says. */
struct sending {
	struct client client;
	struct composition composition;
	const char *notify, *ret;
	const char **attachments;       /* room for all arguments */
	/* the parameters that they become */
	char of_rcpt[sizeof "NOTIFY=" + NOTIFY_SIZE], of_mail[16];
	bool is_lmtp;                   /* -l */
	struct queue queue;             /* -q, and what goes with it */
	bool has_message;               /* a flag that is not for -q was there */
	char own_hostname[HOSTNAME_SIZE];
	int status;                     /* EX_OK, or that of a refusal */
};

/* NOTIFY wants "never" or a list of the others (RFC 3461 section 4.1). */
static bool
is_notify(const char *value)
{
	static const char *const words[] = {
		"success", "failure", "delay", NULL
	};
	size_t length, i;

	if (strcmp(value, "never") == 0)
		return true;
	for (;; value += length + 1) {
		length = strcspn(value, ",");
		for (i = 0; words[i] != NULL; i++)
			if (strlen(words[i]) == length &&
			    memcmp(words[i], value, length) == 0)
				break;
		if (words[i] == NULL || value[length] == '\0')
			return words[i] != NULL;
	}
}

static const char *
take_flag_of_send(struct sending *sending, int flag, const char *value)
{
	struct composition *composition = &sending->composition;

	sending->has_message |= strchr("AfNRst", flag) != NULL;
	switch (flag) {
	case 'A':
		sending->attachments[composition->attachment_count++] = value;
		return NULL;
	case 'f':
		composition->from = value;
		return NULL;
	case 'h':
		composition->hostname = value;
		return hostname_is_good(value) ? NULL :
		    "-h wants a host name in ASCII";
	case 'l':
		sending->is_lmtp = true;
		return NULL;
	case 'N':
		sending->notify = value;
		return is_notify(value) && strlen(value) < NOTIFY_SIZE ? NULL : "-N wants never, or some of "
		    "success,failure,delay";
	case 'R':
		sending->ret = value;
		return strcmp(value, "full") == 0 ||
		    strcmp(value, "hdrs") == 0 ? NULL :
		    "-R wants full or hdrs";
	case 's':
		composition->subject = value;
		return utf8_is_valid(value, strlen(value)) ? NULL :
		    "-s wants a text in UTF-8";
	case 't':
		composition->takes_recipients = true;
		return NULL;
	case 'D':
	case 'j':
	case 'q':
		return queue_take_flag(&sending->queue, flag, value);
	default:
		return client_take(&sending->client, flag, value);
	}
}

static void
read_command_line(struct sending *sending, int argc, char **argv)
{
	struct composition *composition = &sending->composition;
	struct named_mailbox mailbox;
	const char *complaint;
	int flag;

	opterr = 0;
	while ((flag = getopt(argc, argv, CLIENT_FLAGS "A:D:f:h:j:lN:qR:s:t")) !=
	    -1) {
		const char unknown[2] = { (char)optopt, '\0' };

		complaint = take_flag_of_send(sending, flag, optarg);
		if (complaint != NULL)
			usage_error(synopsis, complaint,
			    flag == '?' ? unknown : optarg);
	}
	sending->queue.client = sending->client;
	complaint = queue_check(&sending->queue);
	if (complaint == NULL && !sending->queue.is_wanted)
		complaint = client_check(&sending->client);
	if (complaint != NULL)
		usage_error(synopsis, complaint, argv[0]);
	if (sending->queue.is_wanted &&
	    (sending->has_message || optind < argc))
		usage_error(synopsis, "-q takes what waits, and no message",
		    argv[0]);
	if (sending->queue.is_wanted)
		return;
	if (optind == argc && !composition->takes_recipients)
		usage_error(synopsis, "no recipient is named", argv[0]);
	for (; optind < argc; optind++) {
		if (!mailbox_parse(&mailbox, argv[optind]))
			usage_error(synopsis, "a recipient is an address",
			    argv[optind]);
		if (!recipients_add(&composition->recipients, &mailbox))
			usage_error(synopsis, "no memory for all recipients",
			    argv[optind]);
	}
}

/* The worst of what befell recipients is the exit status. */
static void
tell_refused(void *context, struct recipient *recipient,
    const struct answer *answer, const struct failure *failure)
{
	struct sending *sending = context;

	(void)recipient;                /* the command has it */
	(void)answer;
	if (failure == NULL)
		return;
	failure_print(failure, "smtp-send");
	if (sending->status != EX_UNAVAILABLE)
		sending->status = failure->status;
}

/* After a letter that went to some of its recipients only. */
static void
tell_unsent(const struct recipients *recipients)
{
	size_t i, sent = 0;

	for (i = 0; i < recipients->count; i++)
		sent += recipients->list[i]->state == RECIPIENT_SENT;
	for (i = 0; sent > 0 && i < recipients->count; i++)
		if (recipients->list[i]->state == RECIPIENT_WAITING)
			fprintf(stderr, "smtp-send: not sent to %s\n",
			    recipients->list[i]->address);
}

/* What -N and -R say is for a server that knows them (RFC 3461). */
static bool
ask_for_reports(struct sending *sending, const struct smtp_client *client,
    struct failure *failure)
{
	struct recipients *recipients = &sending->composition.recipients;
	struct text text;
	size_t i;

	if (sending->notify == NULL && sending->ret == NULL)
		return true;
	if (!(client->offers & OFFERS_DSN))
		return failure_set(failure, EX_UNAVAILABLE,
		    "%s makes no delivery reports (it offers no DSN)",
		    client->connection->name);
	if (sending->notify != NULL) {
		text_init(&text, sending->of_rcpt, sizeof sending->of_rcpt);
		text_add(&text, "NOTIFY=");
		text_add(&text, sending->notify);
		for (i = 0; i < recipients->count; i++)
			recipients->list[i]->parameters = sending->of_rcpt;
	}
	if (sending->ret != NULL) {
		text_init(&text, sending->of_mail, sizeof sending->of_mail);
		text_add(&text, "RET=");
		text_add(&text, sending->ret);
	}
	return true;
}

static bool
run_session(struct sending *sending, struct connection *connection,
    struct failure *failure)
{
	struct composition *composition = &sending->composition;
	struct submission submission = {
		.reverse_path = &composition->sender.path,
		.parameters = sending->of_mail,
		.recipients = &composition->recipients,
		.letter = &composition->letter,
		.shows_progress = true,
		.told = tell_refused,
		.context = sending
	};
	struct smtp_client client;
	struct failure ignored;
	bool done;

	done = smtp_client_begin(&client, connection, sending->is_lmtp,
	    composition->hostname, failure) &&
	    (sending->client.user == NULL ||
	    smtp_client_login(&client, &sending->client, failure)) &&
	    ask_for_reports(sending, &client, failure) &&
	    submission_run(&submission, &client, failure);
	if (!done)
		tell_unsent(&composition->recipients);
	/* After mail was taken, an odd QUIT is worth a word, and no retry. */
	if (!smtp_client_quit(&client, &ignored) && done &&
	    (sending->client.verbose || ignored.status != EX_TEMPFAIL))
		failure_print(&ignored, "smtp-send");
	return done;
}

static bool
send_message(struct sending *sending, struct failure *failure)
{
	const struct client *client = &sending->client;
	bool logs_in = client->user != NULL;
	const char *const flags[] = {
		sending->is_lmtp ? "-l" : logs_in ? "-p" : NULL,
		sending->is_lmtp && logs_in ? "-p" : NULL, NULL
	};
	struct service service = {
		.program = "smtp-stdio",
		.flags = flags,
		.port = sending->is_lmtp ? "24" : logs_in ? "587" : "25",
		.seconds = 300,         /* RFC 5321 section 4.5.3.2 */
		.end_seconds = 600
	};
	static struct connection connection;    /* too big for a stack */
	bool done;

	if (!compose(&sending->composition, STDIN_FILENO, failure))
		return false;
	if (sending->composition.recipients.count == 0)
		return failure_set(failure, EX_DATAERR,
		    "the header names no recipient");
	process_handle_signals();
	if (!connection_open(&connection, client, &service, failure))
		return false;
	done = run_session(sending, &connection, failure);
	connection_close(&connection);
	return done;
}

static int
run_queue(struct sending *sending)
{
	sending->queue.client.root = root_path(sending->client.root);
	sending->queue.hostname = sending->composition.hostname;
	sending->queue.is_lmtp = sending->is_lmtp;
	return queue_run(&sending->queue);
}

int
main(int argc, char **argv)
{
	static struct sending sending;
	struct failure failure;

	process_guard_descriptors();
	(void)setvbuf(stderr, NULL, _IOLBF, BUFSIZ);
	client_init(&sending.client, &argc, argv);
	recipients_init(&sending.composition.recipients);
	letter_init(&sending.composition.letter);
	hostname_find(sending.own_hostname);
	sending.composition.hostname = sending.own_hostname;
	sending.attachments = calloc((size_t)argc, sizeof *sending.attachments);
	sending.queue.route.domains = calloc((size_t)argc,
	    sizeof *sending.queue.route.domains);
	if (sending.attachments == NULL || sending.queue.route.domains == NULL)
		return EX_OSERR;
	read_command_line(&sending, argc, argv);
	if (sending.queue.is_wanted)
		return run_queue(&sending);
	sending.composition.attachments = sending.attachments;
	sending.composition.user = sending.client.user;
	sending.client.root = root_path(sending.client.root);
	if (!send_message(&sending, &failure)) {
		failure_print(&failure, "smtp-send");
		sending.status = failure.status;
	}
	composition_free(&sending.composition);
	free(sending.attachments);
	return sending.status;
}
