/* The judge of POP3 sessions; see pop3_judge.h. */
#include "tests/fuzz/pop3_judge.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tests/fuzz/target.h"

#define REPLY_OCTETS_MAX 512            /* RFC 2449 section 4 */
#define CHALLENGE_OCTETS_MAX 12288      /* RFC 5034 section 4 */

struct judge {
	struct pop3_verdict *verdict;
	const struct pop3_terms *terms;
	const char *in, *in_end;        /* what the server has still to take */
	const char *out, *out_end;      /* what it has said after that */
	bool logged_in;
};

struct line {
	const char *start;
	size_t length;
};

/* The first line of a reply, without its CRLF. */
struct reply {
	enum { POSITIVE, NEGATIVE, CHALLENGE } kind;
	struct line text;               /* behind +OK, -ERR or + */
};

static bool
take_line(struct judge *judge, struct line *line)
{
	const char *at = judge->in;

	for (line->start = at; at < judge->in_end; at++)
		if (*at == '\n' && (judge->terms->lf_ends_lines ||
		    (at > line->start && at[-1] == '\r')))
			break;
	if (at == judge->in_end)
		return false;
	judge->in = at + 1;
	if (at > line->start && at[-1] == '\r')
		at--;
	line->length = (size_t)(at - line->start);
	return true;
}

/* A line of what the server says, up to its CRLF. */
static struct line
take_output(struct judge *judge)
{
	struct line line = { judge->out, 0 };
	const char *at = judge->out;

	while (at + 1 < judge->out_end && (at[0] != '\r' || at[1] != '\n'))
		at++;
	ORACLE(at + 1 < judge->out_end, "no reply, or half a one, at: %.60s",
	    judge->out);
	judge->out = at + 2;
	line.length = (size_t)(at - line.start);
	return line;
}

static bool
begins_with(const struct line *line, const char *words)
{
	size_t length = strlen(words);

	return line->length >= length &&
	    memcmp(line->start, words, length) == 0;
}

static struct reply
take_reply(struct judge *judge)
{
	struct line line = take_output(judge);
	struct reply reply = { POSITIVE, line };
	size_t mark = 3, i;

	if (begins_with(&line, "-ERR"))
		reply.kind = NEGATIVE, mark = 4;
	else if (begins_with(&line, "+ "))
		reply.kind = CHALLENGE, mark = 1;
	else
		ORACLE(begins_with(&line, "+OK"), "%.60s", line.start);
	ORACLE(line.length == mark || line.start[mark] == ' ', "%.60s",
	    line.start);
	ORACLE(line.length + 2 <= (reply.kind == CHALLENGE ?
	    CHALLENGE_OCTETS_MAX : REPLY_OCTETS_MAX), "%zu octets",
	    line.length);
	for (i = 0; i < line.length; i++)
		ORACLE(line.start[i] >= 0x20 && line.start[i] <= 0x7e,
		    "octet %02x in %.60s", (unsigned char)line.start[i],
		    line.start);
	reply.text.start += mark + (line.length > mark);
	reply.text.length -= mark + (line.length > mark);
	judge->verdict->replies++;
	return reply;
}

static bool
has_ended(const struct judge *judge)
{
	return judge->out == judge->out_end;
}

static bool
is_verb(const struct line *line, const char *verb)
{
	size_t length = strlen(verb);

	return line->length >= length &&
	    strncasecmp(line->start, verb, length) == 0 &&
	    (line->length == length || line->start[length] == ' ' ||
	    line->start[length] == '\t');
}

/* A number at the start of text, behind blanks; 0: there is none. */
static size_t
read_number(struct line *text)
{
	size_t number = 0;

	while (text->length > 0 && (*text->start == ' ' ||
	    *text->start == '\t'))
		text->start++, text->length--;
	while (text->length > 0 && isdigit((unsigned char)*text->start)) {
		number = number > 100000000 ? number :
		    number * 10 + (size_t)(*text->start - '0');
		text->start++, text->length--;
	}
	return number;
}

static struct line
argument_of(const struct line *command)
{
	struct line argument = { command->start + 4, command->length - 4 };

	if (is_verb(command, "TOP"))
		argument.start--, argument.length++;
	return argument;
}

/* The message that a command has named and that a reply has confirmed. */
static size_t
message_of(const struct judge *judge, const struct line *command)
{
	struct line argument = argument_of(command);
	size_t number = read_number(&argument);

	ORACLE(judge->logged_in, "%.20s before a login", command->start);
	ORACLE(number > 0 && number <= POP3_MESSAGES, "message %zu", number);
	ORACLE(!judge->verdict->deletes[number - 1], "message %zu is deleted",
	    number);
	return number;
}

/* What a number stands for cannot change. */
static void
know(struct judge *judge, size_t number, const struct pop3_message *message)
{
	const struct pop3_message **known =
	    &judge->verdict->known[number - 1];

	ORACLE(*known == NULL || *known == message, "message %zu is another",
	    number);
	*known = message;
}

/* How many octets TOP gives of a message: its header and so many lines. */
static size_t
length_of_top(const struct pop3_message *message, size_t lines)
{
	const char *at = message->wire + message->header_length;
	const char *end = message->wire + message->length;

	for (; lines > 0 && at < end; lines--) {
		at = memchr(at, '\n', (size_t)(end - at));
		ORACLE(at != NULL, "a message without an end");
		at++;
	}
	return (size_t)(at - message->wire);
}

/*
 * A message behind +OK, up to its dot: lines is how many of its body, or
 * SIZE_MAX for all.
 */
static void
take_message(struct judge *judge, size_t number, size_t lines)
{
	size_t length = 0, i;
	char *text = malloc((size_t)(judge->out_end - judge->out) + 1);
	struct line line;

	ORACLE(text != NULL, "no memory");
	for (;;) {
		line = take_output(judge);
		if (line.length == 1 && *line.start == '.')
			break;
		if (line.length > 0 && *line.start == '.') {
			line.start++;
			line.length--;
		}
		memcpy(text + length, line.start, line.length + 2);
		length += line.length + 2;
	}
	for (i = 0; i < POP3_MESSAGES; i++) {
		const struct pop3_message *message = &judge->terms->messages[i];

		if (same(text, length, message->wire, lines == SIZE_MAX ?
		    message->length : length_of_top(message, lines)) &&
		    (lines == SIZE_MAX || judge->verdict->known[number - 1] ==
		    NULL || judge->verdict->known[number - 1] == message))
			break;
	}
	ORACLE(i < POP3_MESSAGES, "message %zu of %zu octets is none of ours",
	    number, length);
	if (lines == SIZE_MAX)
		know(judge, number, &judge->terms->messages[i]);
	free(text);
}

static void
take_retr(struct judge *judge, const struct line *command,
    const struct reply *reply)
{
	size_t number = message_of(judge, command);
	struct line text = reply->text;
	size_t octets = read_number(&text);

	take_message(judge, number, SIZE_MAX);
	ORACLE(octets == judge->verdict->known[number - 1]->length,
	    "%zu octets of message %zu", octets, number);
}

static void
take_top(struct judge *judge, const struct line *command)
{
	size_t number = message_of(judge, command);
	struct line argument = argument_of(command);

	(void)read_number(&argument);
	take_message(judge, number, read_number(&argument));
}

/* A unique-id behind a number. */
static void
take_id(struct judge *judge, size_t number, struct line text)
{
	size_t i;

	ORACLE(text.length > 1 && *text.start == ' ', "%.60s", text.start);
	for (i = 0; i < POP3_MESSAGES; i++) {
		const struct pop3_message *message = &judge->terms->messages[i];

		if (same(text.start + 1, text.length - 1, message->id,
		    strlen(message->id)))
			break;
	}
	ORACLE(i < POP3_MESSAGES, "no such unique-id: %.60s", text.start);
	know(judge, number, &judge->terms->messages[i]);
}

static size_t
count_messages(const struct judge *judge)
{
	size_t count = 0, i;

	for (i = 0; i < POP3_MESSAGES; i++)
		count += !judge->verdict->deletes[i];
	return count;
}

/* LIST and UIDL: of one message, or a line for each that is not deleted. */
static void
take_list(struct judge *judge, const struct line *command,
    const struct reply *reply, bool has_ids)
{
	struct line argument = argument_of(command), line;
	size_t count = 0, last = 0;

	while (argument.length > 0 && (*argument.start == ' ' ||
	    *argument.start == '\t'))
		argument.start++, argument.length--;
	if (argument.length > 0) {
		size_t number = message_of(judge, command);

		line = reply->text;
		ORACLE(read_number(&line) == number, "%.60s", line.start);
		if (has_ids)
			take_id(judge, number, line);
		return;
	}
	for (line = take_output(judge); *line.start != '.';
	    line = take_output(judge), count++) {
		size_t number = read_number(&line);

		ORACLE(number > last && number <= POP3_MESSAGES &&
		    !judge->verdict->deletes[number - 1], "line of %zu",
		    number);
		last = number;
		if (has_ids)
			take_id(judge, number, line);
	}
	ORACLE(line.length == 1, "%.60s", line.start);
	ORACLE(count == count_messages(judge), "%zu lines", count);
}

static void
take_multi_line(struct judge *judge)
{
	struct line line;

	do
		line = take_output(judge);
	while (line.length != 1 || *line.start != '.');
}

/* What a positive reply means, and what comes with it. */
static void
follow(struct judge *judge, const struct line *command,
    const struct reply *reply)
{
	struct pop3_verdict *verdict = judge->verdict;
	struct line text = reply->text;

	if (is_verb(command, "PASS") || is_verb(command, "AUTH"))
		judge->logged_in = true;
	else if (is_verb(command, "STAT"))
		ORACLE(read_number(&text) == count_messages(judge), "%.60s",
		    reply->text.start);
	else if (is_verb(command, "LIST"))
		take_list(judge, command, reply, false);
	else if (is_verb(command, "UIDL"))
		take_list(judge, command, reply, true);
	else if (is_verb(command, "RETR"))
		take_retr(judge, command, reply);
	else if (is_verb(command, "TOP"))
		take_top(judge, command);
	else if (is_verb(command, "DELE"))
		verdict->deletes[message_of(judge, command) - 1] = true;
	else if (is_verb(command, "RSET"))
		memset(verdict->deletes, 0, sizeof verdict->deletes);
	else if (is_verb(command, "CAPA"))
		take_multi_line(judge);
	else if (is_verb(command, "QUIT"))
		verdict->is_over = judge->logged_in;
	else
		ORACLE(is_verb(command, "USER") || is_verb(command, "NOOP") ||
		    is_verb(command, "STLS"), "+OK to %.60s", command->start);
}

static bool
take_command(struct judge *judge)
{
	struct line command, response;
	struct reply reply;
	bool broken;

	if (!take_line(judge, &command))
		return false;
	broken = memchr(command.start, '\0', command.length) != NULL ||
	    memchr(command.start, '\r', command.length) != NULL ||
	    memchr(command.start, '\n', command.length) != NULL;
	reply = take_reply(judge);
	while (reply.kind == CHALLENGE) {
		ORACLE(!broken && is_verb(&command, "AUTH"), "a challenge");
		if (!take_line(judge, &response))
			return false;
		reply = take_reply(judge);
	}
	if (reply.kind == POSITIVE) {
		ORACLE(!broken, "+OK to a broken line");
		follow(judge, &command, &reply);
	}
	return true;
}

void
pop3_judge(struct pop3_verdict *verdict, const struct pop3_terms *terms,
    const char *input, size_t input_length, const char *output,
    size_t output_length)
{
	struct judge judge = {
		.verdict = verdict, .terms = terms,
		.in = input, .in_end = input + input_length,
		.out = output, .out_end = output + output_length
	};

	memset(verdict, 0, sizeof *verdict);
	if (!terms->greeted)
		ORACLE(take_reply(&judge).kind == POSITIVE, "%.60s", output);
	while (!(terms->server_ended && has_ended(&judge)))
		if (!take_command(&judge))
			break;
	ORACLE(has_ended(&judge), "a reply to nothing: %.60s", judge.out);
}
