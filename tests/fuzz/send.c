/*
 * Fuzzes smtp-send: a server that says anything to a letter for three
 * recipients.  An input is a line of flags (u to log in; p: also in clear;
 * g, l, v as the program has them; 8: the letter has eight bits), and then
 * what the server says.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "smtp-stdio/compose.h"
#include "smtp-stdio/recipients.h"
#include "smtp-stdio/smtp_client.h"
#include "smtp-stdio/submission.h"
#include "tests/fuzz/shown.h"
#include "tests/fuzz/target.h"
#include "tests/fuzz/wire.h"

#define SECONDS 60

/* The password, and what it looks like in AUTH PLAIN and AUTH LOGIN. */
#define PASSWORD "correct-horse"
static const char *const passwords[] = { PASSWORD, "Y29ycmVjdC1ob3JzZQ",
    "NvcnJlY3QtaG9yc2", "jb3JyZWN0LWhvcnNl" };

static struct connection connection;
static char password_file[4096];

void
target_begin(void)
{
	const char *scratch = getenv("FUZZ_SCRATCH");
	FILE *file;

	wire_begin();
	ORACLE(scratch != NULL && setenv("TMPDIR", scratch, 1) == 0,
	    "no directory");
	(void)snprintf(password_file, sizeof password_file, "%s/password",
	    scratch);
	file = fopen(password_file, "w");
	ORACLE(file != NULL && fputs(PASSWORD "\n", file) >= 0 &&
	    fclose(file) == 0, "%s", strerror(errno));
}

static bool
has(const char *flags, char flag)
{
	return strchr(flags, flag) != NULL;
}

static void
connect_send(const char *flags)
{
	memset(&connection, 0, sizeof connection);
	connection.name = "smtp.example.com";
	connection.child = -1;
	connection.seconds = connection.end_seconds = SECONDS;
	connection.greeted = has(flags, 'g');
	connection.verbose = has(flags, 'v');
	line_writer_init(&connection.out, STDOUT_FILENO, SECONDS);
	line_reader_init(&connection.in, STDIN_FILENO, &connection.out, true);
	connection.in.gives_up = true;
}

/* The letter: made once, and sent to every server. */
static void
make_letter(struct composition *composition, bool has_eight_bits)
{
	static const char *const texts[] = {
		"Subject: a\n\ntext\n.\n..\nno end",
		"Subject: b\n\n\xc3\xbc\n"
	};
	static const char *const addresses[] = {
		"alice@example.com", "bob@example.com", "\xc3\xbc@example.com"
	};
	struct named_mailbox mailbox;
	struct failure failure;
	size_t i;

	memset(composition, 0, sizeof *composition);
	recipients_init(&composition->recipients);
	letter_init(&composition->letter);
	composition->from = "me@example.com";
	composition->hostname = "client.example.com";
	for (i = 0; i < (has_eight_bits ? 3U : 2U); i++)
		ORACLE(mailbox_parse(&mailbox, addresses[i]) &&
		    recipients_add(&composition->recipients, &mailbox),
		    "%s", addresses[i]);
	wire_connect(texts[has_eight_bits], strlen(texts[has_eight_bits]));
	ORACLE(compose(composition, STDIN_FILENO, &failure), "%s",
	    failure.text);
}

static void
tell(void *context, struct recipient *recipient, const struct answer *answer,
    const struct failure *failure)
{
	(void)context;
	(void)answer;
	ORACLE(recipient->state == (failure == NULL ? RECIPIENT_SENT :
	    RECIPIENT_REFUSED), "%s is not", recipient->address);
	if (failure != NULL)
		failure_print(failure, "smtp-send");
}

/* Says whether it is done, as the program does. */
static bool
converse(struct composition *composition, const struct client *client,
    bool is_lmtp, struct failure *failure)
{
	struct submission submission = {
		.parameters = "",
		.reverse_path = &composition->sender.path,
		.recipients = &composition->recipients,
		.letter = &composition->letter,
		.told = tell
	};
	struct smtp_client session;
	struct failure ignored;
	bool done;

	done = smtp_client_begin(&session, &connection, is_lmtp,
	    composition->hostname, failure) && (client->user == NULL ||
	    smtp_client_login(&session, client, failure)) &&
	    submission_run(&submission, &session, failure);
	(void)smtp_client_quit(&session, &ignored);
	return done;
}

/* What we have said are whole lines, and no password where one could listen. */
static void
check_commands(bool may_send_password)
{
	size_t length, i;
	const char *said = wire_output(&length);

	for (i = 0; i < length; i++) {
		ORACLE(said[i] != '\0', "a NUL");
		ORACLE((said[i] == '\n') == (i > 0 && said[i - 1] == '\r'),
		    "half a line end at %zu", i);
	}
	ORACLE(length == 0 || said[length - 1] == '\n', "half a line");
	for (i = 0; i < sizeof passwords / sizeof passwords[0]; i++)
		ORACLE(may_send_password || strstr(said, passwords[i]) == NULL,
		    "the password goes out");
}

/*
 * A recipient has got the letter only where the server has said so: to MAIL,
 * to RCPT and to the letter itself.
 */
static void
check_recipients(const struct recipients *recipients, bool done,
    const char *input, size_t length)
{
	size_t sent = 0, waiting = 0, yes = 0, i;

	for (i = 0; i < recipients->count; i++) {
		sent += recipients->list[i]->state == RECIPIENT_SENT;
		waiting += recipients->list[i]->state == RECIPIENT_WAITING ||
		    recipients->list[i]->state == RECIPIENT_ACCEPTED;
	}
	for (i = 0; i < length; i++)
		yes += input[i] == '2' && (i == 0 || input[i - 1] == '\n');
	ORACLE(sent == 0 || yes >= 3 + sent, "%zu are sent, %zu said yes",
	    sent, yes);
	ORACLE(!done || waiting == 0, "%zu are waiting", waiting);
}

void
target_take(const char *input, size_t length)
{
	char flags[WIRE_FLAGS_MAX + 1];
	size_t start = wire_flags(input, length, flags), size;
	struct client client = { .program = "smtp-send" };
	struct composition composition;
	struct failure failure;
	const char *errors;
	bool done;

	input += start;
	length -= start;
	make_letter(&composition, has(flags, '8'));
	wire_connect(input, length);
	connect_send(flags);
	client.user = has(flags, 'u') ? "bob@example.com" : NULL;
	client.password = password_file;
	client.clear_passwords = has(flags, 'p');
	done = converse(&composition, &client, has(flags, 'l'), &failure);
	if (!done)
		failure_print(&failure, "smtp-send");
	ORACLE(done || failure.status != 0, "no exit status");
	check_commands(client.clear_passwords);
	check_recipients(&composition.recipients, done, input, length);
	errors = wire_errors(&size);
	shown_check_text(errors, size);
	composition_free(&composition);
}
