/* One letter to its recipients; see submission.h. */
#include "smtp-stdio/submission.h"

#include <string.h>
#include <sysexits.h>

#include "smtp-stdio/submission_letter.h"
#include "store/text.h"

/*
 * So many commands may be on their way unanswered: their replies fit into
 * what a pipe or a socket holds, so that neither side waits for the other.
 */
#define COMMANDS_UNANSWERED_MAX 50

/* A command line with the longest path and all parameters. */
#define COMMAND_SIZE (PATH_OCTETS_MAX + SUBMISSION_PARAMETERS_MAX + 256)

static bool
is_waiting(const struct submission *submission, size_t i)
{
	return submission->recipients->list[i]->state == RECIPIENT_WAITING;
}

/*
 * What the server would say to a letter that it cannot take (RFC 3463, and RFC
 * 6531 section 3.5).  Always false.
 */
static bool
cannot_take(struct submission *submission, const char *status)
{
	struct text text;

	submission->verdict.code = 554;
	text_init(&text, submission->verdict.status,
	    sizeof submission->verdict.status);
	text_add(&text, status);
	submission->verdict.text[0] = '\0';
	return false;
}

/* The first address that is not ASCII; NULL: all are. */
static const char *
find_utf8_address(const struct submission *submission)
{
	size_t i;

	for (i = 0; i < submission->recipients->count; i++)
		if (is_waiting(submission, i) &&
		    !submission->recipients->list[i]->is_ascii)
			return submission->recipients->list[i]->address;
	return submission->reverse_path->is_ascii ? NULL :
	    submission->reverse_path->text;
}

/* Whether the server can take the letter, and what it must then be told. */
static bool
check_offers(struct submission *submission, const struct smtp_client *client,
    struct failure *failure)
{
	const char *name = client->connection->name, *address;
	const struct content *content = &submission->letter->content;

	if (client->size_max != 0 && content->wire_octets > client->size_max) {
		failure_set(failure, EX_UNAVAILABLE,
		    "%s takes messages of at most %llu octets, and this one "
		    "has %llu", name, (unsigned long long)client->size_max,
		    (unsigned long long)content->wire_octets);
		return cannot_take(submission, "5.3.4");
	}
	if (content->eight_bits > 0 && !(client->offers & OFFERS_8BITMIME)) {
		failure_set(failure, EX_UNAVAILABLE, "%s takes messages "
		    "in ASCII only (it offers no 8BITMIME), and this one has "
		    "other octets", name);
		return cannot_take(submission, "5.6.3");
	}
	address = find_utf8_address(submission);
	if ((address != NULL || submission->needs_utf8) &&
	    !(client->offers & OFFERS_SMTPUTF8)) {
		failure_set(failure, EX_UNAVAILABLE,
		    "%s takes addresses in ASCII only (it offers no "
		    "SMTPUTF8): %s", name,
		    address != NULL ? address : "those in the header");
		return cannot_take(submission, "5.6.7");
	}
	return true;
}

/* Whether the envelope or the header wants RFC 6531. */
static bool
wants_smtputf8(const struct submission *submission)
{
	bool wants = submission->needs_utf8 ||
	    !submission->reverse_path->is_ascii ||
	    (submission->letter->has_eight_bit_header &&
	    submission->letter->content.is_utf8);
	size_t i;

	for (i = submission->first; !wants && i < submission->behind; i++)
		wants = !submission->recipients->list[i]->is_ascii;
	return wants;
}

static void
add_parameters(struct text *line, const char *parameters)
{
	if (*parameters != '\0')
		text_add_octet(line, ' ');
	text_add(line, parameters);
}

static void
write_mail(const struct submission *submission,
    const struct smtp_client *client, struct text *line)
{
	const struct content *content = &submission->letter->content;

	text_add(line, "MAIL FROM:<");
	text_add(line, submission->reverse_path->text);
	text_add(line, ">");
	if (client->offers & OFFERS_SIZE) {
		text_add(line, " SIZE=");
		text_add_number(line, content->wire_octets);
	}
	if (content->eight_bits > 0)
		text_add(line, " BODY=8BITMIME");
	if ((client->offers & OFFERS_SMTPUTF8) && wants_smtputf8(submission))
		text_add(line, " SMTPUTF8");
	add_parameters(line, submission->parameters);
}

static void
write_rcpt(const struct submission *submission, size_t i, struct text *line)
{
	const struct recipient *recipient = submission->recipients->list[i];

	text_add(line, "RCPT TO:<");
	text_add(line, recipient->address);
	text_add(line, ">");
	add_parameters(line, recipient->parameters);
}

/*
 * The commands of a transaction in their order: MAIL is the first, then there
 * is one RCPT for each recipient that waits, and then DATA.
 */
struct group {
	struct smtp_client *client;
	size_t sent, answered;  /* recipients: places in the list */
	bool mail_is_sent, data_is_sent;
	unsigned unanswered;
	bool is_broken;         /* MAIL was refused, or the session is over */
};

/* Sends the next command, where there is one that can be sent by now. */
static bool
send_next(struct submission *submission, struct group *group)
{
	struct smtp_client *client = group->client;
	char buffer[COMMAND_SIZE];
	struct text line;

	text_init(&line, buffer, sizeof buffer);
	while (group->sent < submission->behind &&
	    !is_waiting(submission, group->sent))
		group->sent++;
	if (!group->mail_is_sent) {
		write_mail(submission, client, &line);
		group->mail_is_sent = true;
	} else if (group->sent < submission->behind) {
		write_rcpt(submission, group->sent, &line);
		group->sent++;
	} else if (!group->data_is_sent &&
	    !(client->offers & OFFERS_CHUNKING) &&
	    (group->unanswered > 0 || submission->accepted > 0)) {
		text_add(&line, "DATA");
		group->data_is_sent = true;
	} else
		return false;
	connection_put(client->connection, line.start, line.length);
	group->unanswered++;
	return true;
}

/* What has become of a recipient. */
static void
book(struct submission *submission, struct recipient *recipient,
    const struct answer *answer, const struct group *group, const char *to)
{
	if (answer_is_good(answer)) {
		recipient->state = RECIPIENT_ACCEPTED;
		submission->accepted++;
		return;
	}
	/* RFC 5321 section 4.5.3.1.10: too many for one transaction. */
	if (answer->code == 452 && submission->accepted > 0 &&
	    (strcmp(answer->status, "4.5.3") == 0 || *answer->status == '\0'))
		return;
	if (group->is_broken)
		return;                 /* not its own fault */
	submission_tell(submission, group->client, recipient, answer, to);
}

/* Where a reply is neither yes nor no, nothing is known of the server. */
static void
check_sense(struct smtp_client *client, const struct answer *answer)
{
	if (!answer_is_good(answer) && answer->code < 400)
		client->is_over = true;
}

/* The reply to MAIL: without it there is no transaction. */
static bool
take_mail(struct submission *submission, struct group *group,
    struct failure *failure)
{
	struct smtp_client *client = group->client;
	struct answer answer;

	if (!smtp_client_answer(client, client->connection->seconds, "MAIL",
	    &answer, failure))
		return false;
	check_sense(client, &answer);
	submission->has_sender = answer_is_good(&answer);
	if (!submission->has_sender) {
		group->is_broken = true;
		submission_refuse(submission, client, &answer, "MAIL",
		    failure);
	}
	return true;
}

static bool
take_rcpt(struct submission *submission, struct group *group,
    struct failure *failure)
{
	struct smtp_client *client = group->client;
	char buffer[COMMAND_SIZE];
	struct answer answer;
	struct text line;

	while (!is_waiting(submission, group->answered))
		group->answered++;
	text_init(&line, buffer, sizeof buffer);
	write_rcpt(submission, group->answered, &line);
	if (!smtp_client_answer(client, client->connection->seconds,
	    line.start, &answer, failure))
		return false;
	check_sense(client, &answer);
	if (client->is_over)
		return submission_refuse(submission, client, &answer,
		    line.start, failure);
	book(submission, submission->recipients->list[group->answered++],
	    &answer, group, line.start);
	return true;
}

static bool
take_data(struct submission *submission, struct group *group,
    struct failure *failure)
{
	struct smtp_client *client = group->client;
	struct answer answer;

	if (!smtp_client_answer(client, client->connection->seconds, "DATA",
	    &answer, failure))
		return false;
	submission->wants_data = answer.code == 354;
	if (answer.code < 400 && answer.code != 354) {
		client->is_over = true;
		return answer_refuses(&answer, client->connection, "DATA",
		    failure);
	}
	if (!submission->wants_data && !group->is_broken &&
	    submission->accepted > 0) {
		group->is_broken = true;
		submission_refuse(submission, client, &answer, "DATA",
		    failure);
	}
	return true;
}

/*
 * Sends the envelope, with as many commands ahead of their replies as the
 * server allows (RFC 2920), and books each reply.
 */
static bool
send_envelope(struct submission *submission, struct smtp_client *client,
    struct failure *failure)
{
	struct group group = {
		client, submission->first, submission->first,
		false, false, 0, false
	};
	unsigned ahead = client->offers & OFFERS_PIPELINING ?
	    COMMANDS_UNANSWERED_MAX : 1;
	bool mail_is_answered = false, good;

	submission->accepted = 0;
	submission->has_sender = submission->wants_data = false;
	for (;;) {
		while (group.unanswered < ahead && !group.is_broken &&
		    send_next(submission, &group))
			continue;
		if (group.unanswered == 0)
			return !group.is_broken;
		if (!mail_is_answered)
			good = take_mail(submission, &group, failure);
		else if (group.answered < group.sent)
			good = take_rcpt(submission, &group, failure);
		else
			good = take_data(submission, &group, failure);
		if (!good || client->is_over)
			return false;
		mail_is_answered = true;
		group.unanswered--;
	}
}

/*
 * A transaction without recipients, or whose DATA was refused, is taken back;
 * where DATA was answered by 354 all the same, an empty message ends it (RFC
 * 2920 section 3.1).
 */
static bool
abandon(struct submission *submission, struct smtp_client *client,
    struct failure *failure)
{
	struct answer answer;

	if (client->is_over ||
	    (!submission->wants_data && !submission->has_sender))
		return true;
	return smtp_client_command(client, submission->wants_data ? "." :
	    "RSET", &answer, failure);
}

/* Those of whom nothing more is known wait again. */
static void
settle(struct submission *submission)
{
	size_t i;

	for (i = submission->first; i < submission->behind; i++)
		if (submission->recipients->list[i]->state ==
		    RECIPIENT_ACCEPTED)
			submission->recipients->list[i]->state =
			    RECIPIENT_WAITING;
	if (submission->settled != NULL)
		submission->settled(submission->context);
}

/* One transaction, with as many as may be in it of those that wait. */
static bool
send_some(struct submission *submission, struct smtp_client *client,
    struct failure *failure)
{
	const struct recipients *all = submission->recipients;
	struct failure ignored;
	uint64_t count = 0;
	bool done;

	for (submission->behind = submission->first;
	    submission->behind < all->count &&
	    (client->recipients_max == 0 || count < client->recipients_max);
	    submission->behind++)
		count += is_waiting(submission, submission->behind);
	done = send_envelope(submission, client, failure);
	if (!done)
		(void)abandon(submission, client, &ignored);
	else if (submission->accepted == 0)
		done = abandon(submission, client, failure);
	else
		done = submission_send_letter(submission, client, failure);
	settle(submission);
	return done;
}

bool
submission_run(struct submission *submission, struct smtp_client *client,
    struct failure *failure)
{
	const struct recipients *all = submission->recipients;

	submission->verdict.code = 0;
	if (!check_offers(submission, client, failure))
		return false;
	submission->first = 0;
	for (;;) {
		while (submission->first < all->count &&
		    !is_waiting(submission, submission->first))
			submission->first++;
		if (submission->first == all->count)
			return true;
		if (!send_some(submission, client, failure))
			return false;
	}
}
