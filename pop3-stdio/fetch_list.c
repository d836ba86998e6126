/* The command list: a line a message. */
#include "pop3-stdio/fetch_commands.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "pop3-stdio/columns.h"
#include "pop3-stdio/fetch_listing.h"
#include "pop3-stdio/fetch_show.h"
#include "pop3-stdio/header_fields.h"
#include "pop3-stdio/header_text.h"
#include "pop3-stdio/mail_date.h"

/* A header that is longer is no header. */
#define HEADER_OCTETS_MAX ((uint64_t)16 << 20)

#define DATE_COLUMNS 16         /* 2026-11-21 09:30 */
#define FROM_COLUMNS 20

/* The table as it is printed. */
struct table {
	struct fetch *fetch;
	struct listing listing;
	bool has_headers;       /* the server knows TOP */
	int number_columns, octets_columns;
	size_t columns;         /* of the terminal; 0: none */
};

static int
count_digits(uint64_t number)
{
	int digits = 1;

	for (; number > 9; number /= 10)
		digits++;
	return digits;
}

/* A row as far as it has been printed. */
struct row {
	bool is_cut;            /* where the terminal ends */
	size_t left;            /* columns of that */
	size_t blanks;          /* that come before the next text, and only
	                         * then: no line ends in any */
};

/* Prints a cell of so many columns; 0: of all that are left. */
static void
print_cell(struct row *row, const struct text *text, size_t columns)
{
	size_t used = 0, most = 0;

	if (row->is_cut) {
		if (row->left <= row->blanks)
			return;
		most = row->left - row->blanks;
		if (columns > 0 && columns < most)
			most = columns;
	}
	if (text->length > 0) {
		printf("%*s", (int)row->blanks, "");
		used = columns_print(stdout, text->start, text->length, most);
		row->left -= row->is_cut ? row->blanks + used : 0;
		row->blanks = 0;
	}
	row->blanks += 2 + (used < columns ? columns - used : 0);
}

static void
print_fields(const struct table *table, const struct header_fields *fields)
{
	const struct text *date = &fields->values[FIELD_DATE];
	const struct text *from = &fields->values[FIELD_FROM];
	const struct text *subject = &fields->values[FIELD_SUBJECT];
	size_t used = (size_t)table->number_columns +
	    (size_t)table->octets_columns + 2;
	struct row row = { table->columns != 0, 0, 2 };
	static char buffer[SHOWN_OCTETS_MAX + 1];
	struct mail_date parsed;
	struct text text;

	if (table->columns > used)
		row.left = table->columns - used;
	text_init(&text, buffer, sizeof buffer);
	if (mail_date_parse(&parsed, date->start))
		mail_date_add_local(&text, &parsed);
	else
		text_add_octets(&text, date->start, date->length);
	print_cell(&row, &text, DATE_COLUMNS);
	text_init(&text, buffer, sizeof buffer);
	header_text_name(&text, from->start, from->length);
	print_cell(&row, &text, FROM_COLUMNS);
	text_init(&text, buffer, sizeof buffer);
	header_text_decode(&text, subject->start, subject->length);
	print_cell(&row, &text, 0);
}

/* Prints a message; fields: NULL where nothing is known of its header. */
static void
print_row(const struct table *table, const struct listed *message,
    const struct header_fields *fields)
{
	const char *id = listing_id(&table->listing, message);

	if (table->fetch->json) {
		printf("{\"number\":%" PRIu64, message->number);
		if (id != NULL)
			show_json("uid", id, strlen(id));
		printf(",\"octets\":%" PRIu64, message->octets);
		if (fields != NULL)
			show_json_header(fields);
		putchar('}');
	} else {
		printf("%*" PRIu64 "  %*" PRIu64, table->number_columns,
		    message->number, table->octets_columns, message->octets);
		if (fields != NULL)
			print_fields(table, fields);
	}
	putchar('\n');
}

static bool
add_octets(void *context, const char *octets, size_t length,
    struct failure *failure)
{
	(void)failure;
	(void)header_fields_add(context, octets, length);
	return true;
}

static void
top_command(char command[FETCH_COMMAND_SIZE], uint64_t number)
{
	struct text text;

	text_init(&text, command, FETCH_COMMAND_SIZE);
	text_add(&text, "TOP ");
	text_add_number(&text, number);
	text_add(&text, " 0");
}

/* Takes what is sent in answer to one TOP, and prints the message. */
static bool
take_top(struct table *table, const struct listed *message,
    struct failure *failure)
{
	static struct header_fields fields;
	char command[FETCH_COMMAND_SIZE];
	const char *text;

	top_command(command, message->number);
	header_fields_init(&fields);
	switch (fetch_answer(table->fetch, command, &text, failure)) {
	case ANSWER_OK:
		if (!fetch_text(table->fetch, command, HEADER_OCTETS_MAX,
		    add_octets, &fields, failure))
			return false;
		print_row(table, message, &fields);
		return true;
	case ANSWER_REFUSED:
		/* Without CAPA this is how one learns that there is no TOP. */
		table->has_headers = table->fetch->can.known;
		if (table->has_headers)
			fetch_note(table->fetch, failure);
		print_row(table, message, NULL);
		return true;
	case ANSWER_CHALLENGE:
	case ANSWER_NONE:
		break;
	}
	return false;
}

static bool
print_table(struct table *table, struct failure *failure)
{
	const struct listing *listing = &table->listing;
	unsigned window = fetch_window(table->fetch);
	size_t sent = 0, i;

	for (i = 0; i < listing->count; i++) {
		if (!table->has_headers) {
			print_row(table, &listing->messages[i], NULL);
			continue;
		}
		while (sent < listing->count && sent < i - i % window + window) {
			char command[FETCH_COMMAND_SIZE];

			top_command(command, listing->messages[sent++].number);
			fetch_send(table->fetch, command);
		}
		if (!take_top(table, &listing->messages[i], failure))
			return false;
	}
	return true;
}

static bool
read_listing(struct table *table, struct failure *failure)
{
	struct fetch *fetch = table->fetch;
	struct listing *listing = &table->listing;
	uint64_t octets = 0;
	size_t i;

	if (!listing_read(fetch, listing, failure))
		return false;
	/* A server without unique-ids refuses, which is no failure here. */
	if (fetch->json && (fetch->can.uidl || !fetch->can.known) &&
	    listing_read_ids(fetch, listing, failure) == ANSWER_NONE)
		return false;
	for (i = 0; i < listing->count; i++)
		if (listing->messages[i].octets > octets)
			octets = listing->messages[i].octets;
	table->octets_columns = count_digits(octets);
	table->number_columns = listing->count == 0 ? 1 :
	    count_digits(listing->messages[listing->count - 1].number);
	return true;
}

bool
fetch_list(struct fetch *fetch, const struct operands *operands,
    struct failure *failure)
{
	struct table table = { .fetch = fetch };
	bool done;

	(void)operands;
	table.has_headers = fetch->can.top || !fetch->can.known;
	table.columns = columns_of_output();
	done = read_listing(&table, failure) && print_table(&table, failure);
	listing_free(&table.listing);
	return done;
}
