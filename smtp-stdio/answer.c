/* A server's reply; see answer.h. */
#include "smtp-stdio/answer.h"

#include <string.h>
#include <sysexits.h>

#include "store/text.h"

/* RFC 5321 section 4.5.3.1.5 says 512; some servers say more. */
#define REPLY_LINE_OCTETS_MAX 4096
#define REPLY_LINES_MAX 1000

static bool
is_digit(char octet, char least, char most)
{
	return octet >= least && octet <= most;
}

/*
 * Reply-line = *( Reply-code "-" [ textstring ] CRLF )
 *              Reply-code [ SP textstring ] CRLF
 *
 * Returns the code; 0 where it is no such line.
 */
static unsigned
read_code(const char *line, size_t length)
{
	if (length < 3 || !is_digit(line[0], '2', '5') ||
	    !is_digit(line[1], '0', '9') || !is_digit(line[2], '0', '9') ||
	    (length > 3 && line[3] != '-' && line[3] != ' '))
		return 0;
	return (unsigned)(line[0] - '0') * 100 +
	    (unsigned)(line[1] - '0') * 10 + (unsigned)(line[2] - '0');
}

/*
 * status-code = class "." subject "." detail        (RFC 3463 section 2)
 *
 * whose class is the first digit of the code; 0 where it is none.
 */
static size_t
status_length(const char *text, unsigned code)
{
	size_t first, second, end;

	if ((unsigned)(text[0] - '0') != code / 100 || text[1] != '.')
		return 0;
	first = strspn(text + 2, "0123456789");
	if (first == 0 || first > 3 || text[2 + first] != '.')
		return 0;
	second = strspn(text + 3 + first, "0123456789");
	end = 3 + first + second;
	return second == 0 || second > 3 ||
	    (text[end] != ' ' && text[end] != '\0') ? 0 : end;
}

/* Adds a line to the text; its status is the first line's. */
static void
add_line(struct answer *answer, struct text *text, const char *line)
{
	size_t length = status_length(line, answer->code);

	if (text->length == 0) {
		memcpy(answer->status, line, length);
		answer->status[length] = '\0';
	} else {
		line += length;
		line += strspn(line, " ");
		text_add_octet(text, ' ');
	}
	text_add(text, line);
}

bool
answer_read(struct answer *answer, struct connection *connection,
    unsigned seconds, const char *to,
    void (*each)(void *context, const char *text), void *context,
    struct failure *failure)
{
	unsigned lines = 0, code;
	bool is_last = false;
	const char *said;
	struct text text;
	size_t length;
	char *line;

	text_init(&text, answer->text, sizeof answer->text);
	while (!is_last) {
		if (!connection_line(connection, REPLY_LINE_OCTETS_MAX,
		    seconds, to, &line, &length, failure))
			return false;
		code = read_code(line, length);
		if (code == 0)
			return failure_set(failure, EX_UNAVAILABLE,
			    "%s answers %s with what is no SMTP reply: %.200s",
			    connection->name, to, line);
		if (lines > 0 && code != answer->code)
			return failure_set(failure, EX_UNAVAILABLE,
			    "%s answers %s with different codes in one reply, "
			    "%u and %u", connection->name, to, answer->code,
			    code);
		if (++lines > REPLY_LINES_MAX)
			return failure_set(failure, EX_UNAVAILABLE,
			    "%s answers %s with a reply that has no end",
			    connection->name, to);
		answer->code = code;
		is_last = length == 3 || line[3] == ' ';
		said = length > 4 ? line + 4 : "";
		if (each != NULL)
			each(context, said);
		add_line(answer, &text, said);
	}
	return true;
}

bool
answer_refuses(const struct answer *answer,
    const struct connection *connection, const char *to,
    struct failure *failure)
{
	return failure_set(failure,
	    answer_is_transient(answer) ? EX_TEMPFAIL : EX_UNAVAILABLE,
	    "%s answers %s with %u %s", connection->name, to, answer->code,
	    answer->text);
}

bool
answer_is_good(const struct answer *answer)
{
	return answer->code / 100 == 2;
}

bool
answer_is_transient(const struct answer *answer)
{
	return answer->code / 100 == 4;
}
