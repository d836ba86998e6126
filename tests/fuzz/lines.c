/*
 * Fuzzes what reads from the network: the line reader, the un-stuffing of
 * mail data and its other direction, and the PROXY header, each against a
 * simple model of it, in pieces of every size.  An input is a line of flags,
 * and the octets.
 */
#include <arpa/inet.h>
#include <string.h>
#include <unistd.h>

#include "stdio/dot_stuffing.h"
#include "stdio/line_reader.h"
#include "stdio/line_writer.h"
#include "stdio/proxy.h"
#include "tests/fuzz/target.h"
#include "tests/fuzz/wire.h"

#define SECONDS 60

static struct line_reader reader;
static struct line_writer writer;

/* What is still to come, by the model. */
struct rest {
	const char *at, *end;
	bool lf_ends_lines;
};

void
target_begin(void)
{
	wire_begin();
}

/* The place of the LF that ends the line at text; NULL: it has no end. */
static const char *
find_end(const char *text, const char *end, bool lf_ends_lines)
{
	const char *at;

	for (at = text; at < end; at++)
		if (*at == '\n' && (lf_ends_lines ||
		    (at > text && at[-1] == '\r')))
			return at;
	return NULL;
}

/* What the reader has to say of the next line, and of its text. */
static enum read_status
expect(struct rest *rest, size_t octets_max, const char **text, size_t *length)
{
	const char *line = rest->at;
	const char *lf = find_end(line, rest->end, rest->lf_ends_lines);

	if (lf == NULL)
		return READ_END;
	rest->at = lf + 1;
	if ((size_t)(lf + 1 - line) > octets_max)
		return READ_TOO_LONG;
	*text = line;
	*length = (size_t)(lf - line) - (lf > line && lf[-1] == '\r');
	if (memchr(line, '\0', *length) != NULL)
		return READ_NUL;
	if (memchr(line, '\n', *length) != NULL)
		return READ_BARE_LF;
	return memchr(line, '\r', *length) != NULL ? READ_BARE_CR : READ_LINE;
}

/* Fragments, looks ahead and all that a line can be followed by. */
static void
do_as_told(struct rest *rest, char what)
{
	size_t left = (size_t)(rest->end - rest->at), length;
	struct deadline deadline = deadline_in(SECONDS);
	enum read_status status;
	const char *seen;
	char *fragment;

	switch (what) {
	case 'F':
		status = line_reader_fragment(&reader, deadline, &fragment,
		    &length);
		ORACLE((status == READ_LINE) == (left > 0), "%d", status);
		if (status != READ_LINE)
			break;
		ORACLE(length > 0 && length <= left &&
		    memcmp(fragment, rest->at, length) == 0, "a fragment");
		line_reader_put_back(&reader, length / 2);
		rest->at += length - length / 2;
		break;
	case 'K':
		status = line_reader_peek(&reader, 5, deadline, &seen,
		    &length);
		ORACLE((status == READ_LINE) == (left >= 5), "%d", status);
		ORACLE(status != READ_LINE || (length >= 5 && length <= left &&
		    memcmp(seen, rest->at, length) == 0), "a look ahead");
		break;
	case 'H':
		ORACLE(line_reader_has_more(&reader) == (left > 0),
		    "%zu octets are left", left);
		break;
	case 'W':
		line_reader_pause(&reader, deadline);
		ORACLE(line_reader_buffered(&reader) == left, "%zu, not %zu",
		    line_reader_buffered(&reader), left);
		break;
	case 'A':
		seen = line_reader_take_all(&reader, &length);
		ORACLE(length <= left && same(seen, length, rest->at, length),
		    "all that is buffered");
		memmove(reader.buffer, seen, length);
		line_reader_preload(&reader, length);
		break;
	}
}

static void
read_lines(const char *octets, size_t length, bool lf_ends_lines,
    size_t octets_max)
{
	struct rest rest = { octets, octets + length, lf_ends_lines };
	enum read_status status, expected;

	wire_connect(octets, length);
	line_writer_init(&writer, STDOUT_FILENO, SECONDS);
	line_reader_init(&reader, STDIN_FILENO, &writer, lf_ends_lines);
	do {
		const char *text = NULL;
		size_t text_length = 0, line_length = 0;
		char *line = NULL;

		expected = expect(&rest, octets_max, &text, &text_length);
		status = line_reader_line(&reader, octets_max,
		    deadline_in(SECONDS), &line, &line_length);
		ORACLE(status == expected, "%d, not %d", status, expected);
		if (status != READ_LINE)
			continue;
		ORACLE(same(line, line_length, text, text_length) &&
		    line[line_length] == '\0', "another line");
		do_as_told(&rest, line_length == 0 ? '\0' : *line);
	} while (status != READ_END);
}

/* Mail data as the model sees it. */
struct data {
	char *text;             /* as it is to be stored */
	size_t length, taken, lines;
	bool has_end, is_broken;
};

/* Lines up to that of one dot, where there are dots; the last may have no end. */
static void
model_data(struct data *data, const char *octets, size_t length,
    bool lf_ends_lines, bool has_dots)
{
	const char *at = octets, *end = octets + length;

	data->text = malloc(length + 1);
	ORACLE(data->text != NULL, "no memory");
	while (at < end && !data->has_end) {
		const char *lf = find_end(at, end, lf_ends_lines);
		const char *stop = lf == NULL ? end : lf;
		size_t size;

		if (lf != NULL && stop > at && stop[-1] == '\r')
			stop--;
		data->has_end = has_dots && lf != NULL && stop - at == 1 &&
		    *at == '.';
		at += has_dots && at < end && *at == '.';
		size = (size_t)(stop - at);
		if (!data->has_end) {
			data->is_broken |= memchr(at, '\r', size) != NULL ||
			    memchr(at, '\n', size) != NULL ||
			    memchr(at, '\0', size) != NULL;
			memcpy(data->text + data->length, at, size);
			data->length += size;
			if (lf != NULL)
				data->text[data->length++] = '\n';
			data->lines += lf != NULL;
		}
		at = lf == NULL ? end : lf + 1;
	}
	data->taken = (size_t)(at - octets);
}

/* What is stored goes out so that it is read as the same again. */
static void
stuff_again(const char *stored, size_t length, bool has_dots)
{
	struct data again = { .length = 0 };
	struct stuffer stuffer;
	const char *output;
	size_t output_length;

	wire_connect("", 0);
	line_writer_init(&writer, STDOUT_FILENO, SECONDS);
	stuffer_init(&stuffer, &writer, has_dots);
	stuff(&stuffer, stored, length / 3);
	stuff(&stuffer, stored + length / 3, length - length / 3);
	stuff_end(&stuffer);
	ORACLE(line_writer_flush(&writer) == WRITE_OK, "not written");
	output = wire_output(&output_length);
	model_data(&again, output, output_length, false, has_dots);
	ORACLE(again.has_end == has_dots && !again.is_broken &&
	    again.taken == output_length &&
	    same(again.text, again.length, stored, length),
	    "%zu octets are %zu now, or others", length, again.length);
	free(again.text);
}

/* Takes data in pieces of so many octets. */
static void
read_data(const char *octets, size_t length, bool lf_ends_lines, bool has_dots,
    size_t piece)
{
	char *stored = malloc(length + 1);
	size_t stored_length = 0, taken = 0;
	struct unstuffer unstuffer;
	struct data data = { .length = 0 };
	bool at_line_end;

	ORACLE(stored != NULL, "no memory");
	model_data(&data, octets, length, lf_ends_lines, has_dots);
	unstuffer_init(&unstuffer, lf_ends_lines, has_dots);
	while (taken < length && unstuffer.state != AT_END) {
		size_t size = piece < length - taken ? piece : length - taken;
		char *fragment = exact_copy_of(octets + taken, size);
		size_t kept, took = unstuff(&unstuffer, fragment, size, &kept);

		ORACLE(took <= size && kept <= took + 1, "%zu of %zu", kept,
		    took);
		ORACLE(took == size || unstuffer.state == AT_END, "%zu", took);
		if (unstuffer.faults == 0) {
			ORACLE(stored_length + kept <= length, "too much");
			memcpy(stored + stored_length, fragment, kept);
			stored_length += kept;
		}
		taken += took;
		free(fragment);
	}
	at_line_end = unstuffer_is_at_line_end(&unstuffer);
	ORACLE((unstuffer.state == AT_END) == data.has_end, "its end");
	if (data.has_end || !has_dots)
		ORACLE((unstuffer.faults != 0) == data.is_broken, "faults %x",
		    unstuffer.faults);
	if (!data.is_broken && (data.has_end || !has_dots)) {
		ORACLE(taken == data.taken && unstuffer.lines == data.lines &&
		    same(stored, stored_length, data.text, data.length),
		    "%zu octets, not %zu, or others", stored_length,
		    data.length);
		if (!lf_ends_lines && (data.has_end || at_line_end))
			stuff_again(stored, stored_length, has_dots);
	}
	free(stored);
	free(data.text);
}

static void
check_peer(const struct peer *peer)
{
	unsigned char room[16];

	ORACLE(memchr(peer->address, '\0', sizeof peer->address) != NULL &&
	    memchr(peer->port, '\0', sizeof peer->port) != NULL, "no end");
	switch (peer->family) {
	case PEER_UNKNOWN:
		ORACLE(strcmp(peer->address, "unknown") == 0, "%s",
		    peer->address);
		break;
	case PEER_IPV4:
		ORACLE(inet_pton(AF_INET, peer->address, room) == 1, "%s",
		    peer->address);
		break;
	case PEER_IPV6:
		ORACLE(inet_pton(AF_INET6, peer->address, room) == 1, "%s",
		    peer->address);
		break;
	}
	ORACLE(strspn(peer->port, "0123456789") == strlen(peer->port), "%s",
	    peer->port);
}

/* A header is read as such from a connection, whatever stands behind it. */
static void
read_proxy_header(const char *octets, size_t length)
{
	struct peer peer = { PEER_UNKNOWN, "unknown", "" }, again = peer;
	size_t header = 0, seen = 0;
	enum proxy_status status = PROXY_INCOMPLETE;
	enum read_status read;

	/* What has been said of a part of it is true of all of it. */
	while (status == PROXY_INCOMPLETE && seen <= length && seen < 600) {
		char *copy = exact_copy_of(octets, seen);

		status = proxy_parse(copy, seen, &peer, &header);
		free(copy);
		seen++;
	}
	check_peer(&peer);
	wire_connect(octets, length);
	line_writer_init(&writer, STDOUT_FILENO, SECONDS);
	line_reader_init(&reader, STDIN_FILENO, &writer, false);
	read = proxy_read(&reader, deadline_in(SECONDS), &again);
	check_peer(&again);
	switch (status) {
	case PROXY_OK:
		ORACLE((read == READ_LINE) == (header <= length), "%d of %zu",
		    read, header);
		ORACLE(read != READ_LINE || strcmp(peer.address,
		    again.address) == 0, "%s, not %s", again.address,
		    peer.address);
		line_reader_pause(&reader, deadline_in(SECONDS));
		ORACLE(read != READ_LINE || line_reader_buffered(&reader) ==
		    length - header, "%zu octets behind it",
		    line_reader_buffered(&reader));
		break;
	case PROXY_MALFORMED:
		ORACLE(read == READ_TOO_LONG, "%d", read);
		break;
	case PROXY_INCOMPLETE:
		ORACLE(read == READ_END || read == READ_TOO_LONG, "%d", read);
		break;
	}
}

void
target_take(const char *input, size_t length)
{
	static const size_t pieces[] = { 1, 2, 3, 5, 64, 4096 };
	char flags[WIRE_FLAGS_MAX + 1];
	size_t start = wire_flags(input, length, flags), i;
	bool lf_ends_lines = strchr(flags, 'n') != NULL;

	input += start;
	length -= start;
	if (strchr(flags, 'P') != NULL)
		read_proxy_header(input, length);
	else if (strchr(flags, 'D') != NULL || strchr(flags, 'B') != NULL)
		for (i = 0; i < sizeof pieces / sizeof pieces[0]; i++)
			read_data(input, length, lf_ends_lines,
			    strchr(flags, 'D') != NULL, pieces[i]);
	else
		read_lines(input, length, lf_ends_lines,
		    strchr(flags, 's') != NULL ? 16 :
		    strchr(flags, 'm') != NULL ? 512 : 12288);
}
