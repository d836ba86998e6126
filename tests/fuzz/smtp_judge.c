/* The judge of SMTP sessions; see smtp_judge.h. */
#include "tests/fuzz/smtp_judge.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tests/fuzz/target.h"

/* RFC 5321 section 4.5.3.1.5, and for a challenge RFC 4954 section 4. */
#define REPLY_OCTETS_MAX 512
#define CHALLENGE_OCTETS_MAX 12288

/* A longer command is not looked at, but for AUTH. */
#define COMMAND_OCTETS_MAX 4094

struct judge {
	struct smtp_verdict *verdict;
	const struct smtp_terms *terms;
	const char *in, *in_end;        /* what the server has still to take */
	const char *out, *out_end;      /* what it has said after that */

	bool in_transaction;
	bool has_failed;                /* a chunk of it */
	size_t recipients;
	char *text;                     /* of the message, so far */
	size_t length, wire_length;
	bool is_broken;                 /* it has a bare CR or LF, or a NUL */
};

struct reply {
	unsigned code;
	const char *text, *end;         /* of its last line, behind the codes */
};

struct line {
	const char *start;
	size_t length;
};

/* Takes a line of the input; false where it does not end any more. */
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

/*
 * Enhanced codes (RFC 2034 section 4, RFC 3463 section 2): of the same class
 * as the code before.  Returns what stands behind it.
 */
static const char *
skip_enhanced(const char *at, const char *end, unsigned code)
{
	const char *start = at;
	int part;

	for (part = 0; part < 3; part++) {
		size_t digits = 0;

		while (at < end && isdigit((unsigned char)*at))
			at++, digits++;
		if (digits == 0 || digits > 3 || at == end ||
		    *at++ != (part < 2 ? '.' : ' '))
			return start;
	}
	ORACLE((unsigned)(*start - '0') == code / 100 && start[1] == '.',
	    "%.8s behind %u", start, code);
	return at;
}

/* Reads one reply, of any number of lines (RFC 5321 section 4.2). */
static void
take_reply(struct judge *judge, struct reply *reply, bool wants_enhanced)
{
	bool more = true, is_first = true;

	while (more) {
		const char *line = judge->out, *at;
		const char *end = memchr(line, '\n',
		    (size_t)(judge->out_end - line));
		unsigned code;

		ORACLE(end != NULL && end - line >= 4 && end[-1] == '\r',
		    "no reply, or half a one, at: %.60s", line);
		code = (unsigned)(line[0] - '0') * 100 +
		    (unsigned)(line[1] - '0') * 10 + (unsigned)(line[2] - '0');
		ORACLE(line[0] >= '2' && line[0] <= '5' && line[1] >= '0' &&
		    line[1] <= '5' && isdigit((unsigned char)line[2]) &&
		    (line[3] == ' ' || line[3] == '-'), "%.60s", line);
		ORACLE(is_first || code == reply->code,
		    "%u in a reply of %u", code, reply->code);
		ORACLE(end + 1 - line <= (code == 334 ? CHALLENGE_OCTETS_MAX :
		    REPLY_OCTETS_MAX), "%zu octets", (size_t)(end + 1 - line));
		for (at = line; at < end - 1; at++)
			ORACLE(*at >= 0x20 && *at <= 0x7e, "octet %02x in %.60s",
			    (unsigned char)*at, line);
		more = line[3] == '-';
		is_first = false;
		reply->code = code;
		reply->end = end - 1;
		reply->text = skip_enhanced(line + 4, end - 1, code);
		if (wants_enhanced && code / 100 != 3 &&
		    !(judge->terms->plain_codes && judge->terms->has_rules))
			ORACLE((reply->text != line + 4) !=
			    judge->terms->plain_codes, "%.60s", line);
		judge->out = end + 1;
	}
	judge->verdict->replies++;
	judge->verdict->last_code = reply->code;
}

static bool
has_ended(const struct judge *judge)
{
	return judge->out == judge->out_end;
}

static void
forget_message(struct judge *judge)
{
	free(judge->text);
	judge->text = NULL;
	judge->length = judge->wire_length = 0;
	judge->is_broken = false;
}

static void
end_transaction(struct judge *judge)
{
	judge->in_transaction = judge->has_failed = false;
	judge->recipients = 0;
	forget_message(judge);
}

static void
add_octets(struct judge *judge, const char *octets, size_t length)
{
	char *text = realloc(judge->text, judge->length + length + 1);

	ORACLE(text != NULL, "no memory");
	if (length > 0)
		memcpy(text + judge->length, octets, length);
	judge->text = text;
	judge->length += length;
}

/* Adds a line of a message, and with it its end. */
static void
add_line(struct judge *judge, const struct line *line)
{
	if (memchr(line->start, '\r', line->length) != NULL ||
	    memchr(line->start, '\n', line->length) != NULL ||
	    memchr(line->start, '\0', line->length) != NULL)
		judge->is_broken = true;
	add_octets(judge, line->start, line->length);
	add_octets(judge, "\n", 1);
	judge->wire_length += line->length + 2;
}

/* Notes what 250 has been said to; the id stands in it. */
static void
accept(struct judge *judge, const struct reply *reply)
{
	static const char before[] = "OK id=";
	struct smtp_verdict *verdict = judge->verdict;
	const char *id = reply->text + sizeof before - 1;
	struct accepted *accepted = &verdict->accepted[verdict->accepted_count];
	size_t length = (size_t)(reply->end - id);

	ORACLE((size_t)(reply->end - reply->text) > sizeof before - 1 &&
	    memcmp(reply->text, before, sizeof before - 1) == 0 &&
	    length < sizeof accepted->id, "%.60s", reply->text);
	ORACLE(!judge->is_broken, "taken with a bare CR, LF or a NUL");
	ORACLE(judge->terms->size_max == 0 ||
	    judge->wire_length <= judge->terms->size_max,
	    "%zu octets are taken", judge->wire_length);
	if (verdict->accepted_count > 0 && memcmp(accepted[-1].id, id,
	    length) == 0 && accepted[-1].id[length] == '\0')
		return;                 /* LMTP: for another recipient */
	ORACLE(++verdict->accepted_count < ACCEPTED_MAX, "too many");
	memcpy(accepted->id, id, length);
	accepted->id[length] = '\0';
	accepted->is_found = false;
	accepted->length = judge->length;
	accepted->text = copy_of(judge->text == NULL ? "" : judge->text,
	    judge->length);
}

/*
 * The replies to a message: one, or in LMTP one for each recipient, and 421
 * behind them where it was one fault too many.
 */
static void
take_message_replies(struct judge *judge)
{
	size_t count = judge->terms->lmtp ? judge->recipients : 1, i;
	struct reply reply = { 0, NULL, NULL };

	for (i = 0; i < count; i++) {
		take_reply(judge, &reply, true);
		if (reply.code / 100 == 2)
			accept(judge, &reply);
	}
	if (judge->terms->lmtp && judge->out_end - judge->out > 4 &&
	    memcmp(judge->out, "421 ", 4) == 0)
		take_reply(judge, &reply, true);
}

/* DATA has been answered by 354; false where the input ends before the dot. */
static bool
take_data(struct judge *judge)
{
	struct line line;

	forget_message(judge);
	while (take_line(judge, &line)) {
		if (line.length == 1 && line.start[0] == '.') {
			take_message_replies(judge);
			end_transaction(judge);
			return true;
		}
		if (line.length > 0 && line.start[0] == '.') {
			line.start++;
			line.length--;
		}
		add_line(judge, &line);
	}
	return false;
}

/* Adds a chunk: lines that may be cut anywhere. */
static void
add_chunk(struct judge *judge, const char *octets, size_t length)
{
	add_octets(judge, octets, length);
}

/* The chunks are all there: makes lines of them. */
static void
end_chunks(struct judge *judge)
{
	char *octets = judge->text;
	struct judge lines = { .terms = judge->terms };
	struct line line;

	lines.in = octets;
	lines.in_end = octets + judge->length;
	while (take_line(&lines, &line))
		add_line(&lines, &line);
	if (lines.in < lines.in_end) {
		line.start = lines.in;
		line.length = (size_t)(lines.in_end - lines.in);
		add_line(&lines, &line);
		lines.wire_length -= 2;         /* an end that it did not have */
	}
	free(octets);
	judge->text = lines.text;
	judge->length = lines.length;
	judge->wire_length = lines.wire_length;
	judge->is_broken = lines.is_broken;
}

/*
 * bdat-cmd = "BDAT" SP 1*DIGIT [ SP "LAST" ]; false where it is anything else.
 */
static bool
read_chunk(const struct line *line, size_t *size, bool *is_last)
{
	char copy[COMMAND_OCTETS_MAX + 1], *at = copy + 4, *marker;
	size_t length = line->length, digits;

	if (length > COMMAND_OCTETS_MAX)
		return false;
	memcpy(copy, line->start, length);
	while (length > 4 && (copy[length - 1] == ' ' ||
	    copy[length - 1] == '\t'))
		length--;
	copy[length] = '\0';
	at += strspn(at, " \t");
	digits = strspn(at, "0123456789");
	marker = at + digits + strspn(at + digits, " \t");
	if (digits == 0 || digits > 19 ||
	    (marker == at + digits && *marker != '\0'))
		return false;
	*size = (size_t)strtoull(at, NULL, 10);
	*is_last = *marker != '\0';
	return !*is_last || strcasecmp(marker, "LAST") == 0;
}

/* What the server takes as a chunk; false where the input ends in it. */
static bool
take_chunk_octets(struct judge *judge, size_t size, bool is_part)
{
	if ((size_t)(judge->in_end - judge->in) < size) {
		judge->in = judge->in_end;
		return false;
	}
	if (is_part)
		add_chunk(judge, judge->in, size);
	judge->in += size;
	return true;
}

/* A last chunk of a transaction is answered like a message (RFC 3030). */
static void
answer_last_chunk(struct judge *judge, bool is_part)
{
	if (is_part)
		end_chunks(judge);
	take_message_replies(judge);
	if (!judge->has_failed)
		end_transaction(judge);
}

/*
 * BDAT: one whose argument cannot be read has no octets behind it, and each
 * other one has, whatever the reply.  False where the input ends in them.
 */
static bool
take_bdat(struct judge *judge, const struct line *line)
{
	bool is_part = judge->recipients > 0 && !judge->has_failed, is_last;
	struct reply reply = { 0, NULL, NULL };
	size_t size;

	if (!read_chunk(line, &size, &is_last)) {
		take_reply(judge, &reply, true);
		ORACLE(reply.code == 421 || reply.code == 500 ||
		    reply.code == 501, "%u to no chunk", reply.code);
		return true;
	}
	if (!has_ended(judge) && memcmp(judge->out, "502", 3) == 0)
		is_part = is_last = false;
	if (!take_chunk_octets(judge, size, is_part))
		return false;
	if (is_last && (is_part || (judge->terms->lmtp &&
	    judge->in_transaction))) {
		answer_last_chunk(judge, is_part);
		return true;
	}
	take_reply(judge, &reply, true);
	if (is_part && reply.code / 100 != 2) {
		judge->has_failed = true;
		forget_message(judge);
	}
	return true;
}

/* AUTH: responses to challenges are no commands. */
static bool
take_auth(struct judge *judge)
{
	struct reply reply = { 0, NULL, NULL };
	struct line line;

	for (;;) {
		take_reply(judge, &reply, true);
		if (reply.code != 334)
			return true;
		if (!take_line(judge, &line))
			return false;
	}
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

/* The reader refuses these, whatever the verb is. */
static bool
is_broken(const struct line *line)
{
	return memchr(line->start, '\0', line->length) != NULL ||
	    memchr(line->start, '\r', line->length) != NULL ||
	    memchr(line->start, '\n', line->length) != NULL;
}

/* Follows the state of the transaction. */
static void
follow(struct judge *judge, const struct line *line, unsigned code)
{
	if (code / 100 != 2)
		return;
	if (is_verb(line, "MAIL")) {
		end_transaction(judge);
		judge->in_transaction = true;
	} else if (is_verb(line, "RCPT")) {
		ORACLE(judge->in_transaction, "RCPT before MAIL");
		judge->recipients++;
	} else if (is_verb(line, "RSET") || is_verb(line, "EHLO") ||
	    is_verb(line, "HELO") || is_verb(line, "LHLO"))
		end_transaction(judge);
}

/* One command and what it is answered; false: the input is over. */
static bool
take_command(struct judge *judge)
{
	struct reply reply = { 0, NULL, NULL };
	struct line line;
	bool is_hello;

	if (!take_line(judge, &line))
		return false;
	if (!is_broken(&line) && is_verb(&line, "BDAT"))
		return take_bdat(judge, &line);
	if (!is_broken(&line) && is_verb(&line, "AUTH"))
		return take_auth(judge);
	is_hello = is_verb(&line, "EHLO") || is_verb(&line, "HELO") ||
	    is_verb(&line, "LHLO");
	take_reply(judge, &reply, !is_hello);
	if (!is_broken(&line))
		follow(judge, &line, reply.code);
	if (reply.code == 354) {
		ORACLE(is_verb(&line, "DATA") && judge->recipients > 0,
		    "354 out of order");
		return take_data(judge);
	}
	return true;
}

void
smtp_judge(struct smtp_verdict *verdict, const struct smtp_terms *terms,
    const char *input, size_t input_length, const char *output,
    size_t output_length)
{
	struct judge judge = {
		.verdict = verdict, .terms = terms,
		.in = input, .in_end = input + input_length,
		.out = output, .out_end = output + output_length
	};
	struct reply reply = { 0, NULL, NULL };

	verdict->accepted_count = verdict->replies = 0;
	verdict->last_code = 0;
	if (!terms->greeted)
		take_reply(&judge, &reply, false);
	while (!(terms->server_ended && has_ended(&judge)))
		if (!take_command(&judge))
			break;
	ORACLE(has_ended(&judge), "a reply to nothing: %.60s", judge.out);
	end_transaction(&judge);
}

void
smtp_verdict_free(struct smtp_verdict *verdict)
{
	size_t i;

	for (i = 0; i < verdict->accepted_count; i++)
		free(verdict->accepted[i].text);
}
