/* Text on standard output; see text_output.h. */
#include "pop3-stdio/text_output.h"

#include <stdio.h>
#include <string.h>

#include "stdio/failure.h"
#include "store/json.h"

/* Shows whole characters; a line end may be CRLF in what was encoded. */
static void
show(struct text_output *output, const char *text, size_t length)
{
	if (output->json) {
		json_print_characters(stdout, text, length);
		return;
	}
	while (length > 0) {
		const char *lf = memchr(text, '\n', length);
		size_t line = lf == NULL ? length : (size_t)(lf - text);
		size_t shown = line;

		if (lf != NULL && shown > 0 && text[shown - 1] == '\r')
			shown--;
		print_visible(stdout, text, shown);
		if (lf != NULL)
			putchar('\n');
		output->last = lf != NULL ? '\n' : text[line - 1];
		line += lf != NULL;
		text += line;
		length -= line;
	}
}

/* How many octets at the end belong to what may go on behind them. */
static size_t
find_incomplete(const char *text, size_t length)
{
	size_t i;

	if (length > 0 && text[length - 1] == '\r')
		return 1;
	for (i = 1; i <= 3 && i <= length; i++) {
		unsigned char octet = (unsigned char)text[length - i];

		if (octet < 0x80)
			return 0;
		if (octet >= 0xc0)      /* the first of two, three or four */
			return i < (octet >= 0xf0 ? 4U : octet >= 0xe0 ? 3U :
			    2U) ? i : 0;
	}
	return 0;
}

static void
take(void *context, const char *octets, size_t length)
{
	struct text_output *output = context;

	while (length > 0) {
		size_t room = sizeof output->buffer - output->held;
		size_t piece = length < room ? length : room, ready;

		memcpy(output->buffer + output->held, octets, piece);
		ready = output->held + piece;
		output->held = find_incomplete(output->buffer, ready);
		ready -= output->held;
		show(output, output->buffer, ready);
		memmove(output->buffer, output->buffer + ready, output->held);
		octets += piece;
		length -= piece;
	}
}

struct sink
text_output_begin(struct text_output *output, bool json)
{
	output->json = json;
	output->last = '\n';
	output->held = 0;
	return (struct sink){ take, output };
}

void
text_output_end(struct text_output *output)
{
	show(output, output->buffer, output->held);
	if (!output->json && output->last != '\n')
		putchar('\n');
}
