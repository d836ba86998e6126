/*
 * Fuzzes what the store reads: names of messages, mbox files, envelopes of the
 * queue, numbers, UTF-8.
 * The first octet of an input says which; the rest is the text.
 */
#include "store/maildir.h"

#include <stdio.h>
#include <string.h>

#include "store/mbox.h"
#include "store/outgoing_envelope.h"
#include "store/text.h"
#include "store/utf8.h"
#include "tests/fuzz/target.h"

void
target_begin(void)
{
}

/* A name says what was put into it, and stays the same message. */
static void
check_name(const char *name, const char *before,
    const struct message_sizes *sizes)
{
	struct message_sizes told;

	ORACLE(strlen(name) < MESSAGE_NAME_SIZE, "%s", name);
	ORACLE(maildir_sizes_in(name, &told) && told.disk == sizes->disk &&
	    told.wire == sizes->wire, "%s of %s", name, before);
	ORACLE(maildir_compare_bases(name, before) == 0, "%s of %s", name,
	    before);
}

static void
fuzz_names(const char *text, size_t length)
{
	const struct message_sizes sizes = { 123, 456 };
	char name[MESSAGE_NAME_SIZE];
	struct message_sizes told;
	const char *other = strchr(text, '\n');
	size_t base = maildir_base_length(text);
	int order;

	ORACLE(base <= strlen(text) && (text[base] == '\0' ||
	    text[base] == ',' || text[base] == ':'), "%zu of %zu", base,
	    length);
	if (maildir_name_with_sizes(name, text, &sizes)) {
		check_name(name, text, &sizes);
		ORACLE(!maildir_sizes_in(text, &told), "it had them: %s",
		    text);
	}
	if (maildir_sizes_in(text, &told)) {
		if (maildir_name_corrected(name, text, &told))
			ORACLE(maildir_sizes_in(name, &told), "%s", name);
		if (maildir_name_corrected(name, text, &sizes))
			check_name(name, text, &sizes);
	}
	if (other == NULL)
		return;
	order = maildir_compare_bases(text, other + 1);
	ORACLE((order < 0) == (maildir_compare_bases(other + 1, text) > 0) &&
	    (order == 0) == same(text, base, other + 1,
	    maildir_base_length(other + 1)), "%d", order);
}

/* All messages of an mbox, one behind the other, an LF before each. */
struct messages {
	char *text;
	size_t length, count;
	bool is_malformed;
};

static void
read_mbox(struct messages *messages, const char *text, size_t length,
    size_t piece)
{
	static struct mbox_reader reader;
	size_t at = 0;

	messages->text = malloc(2 * length + 16);
	ORACLE(messages->text != NULL, "no memory");
	messages->length = messages->count = 0;
	messages->is_malformed = false;
	mbox_reader_init(&reader);
	while (at < length && !messages->is_malformed) {
		size_t size = piece < length - at ? piece : length - at;
		char *in = exact_copy_of(text + at, size);
		char *out = malloc(MBOX_ROOM(size));
		size_t taken = 0, used = 0;
		enum mbox_event event;

		ORACLE(out != NULL, "no memory");
		event = mbox_take(&reader, in, size, &taken, out, &used);
		ORACLE(taken <= size && used <= MBOX_ROOM(size) &&
		    (taken > 0 || event == MBOX_MALFORMED), "%zu of %zu",
		    taken, size);
		ORACLE(event != MBOX_MORE || taken == size, "%zu", taken);
		ORACLE(messages->length + used + 1 <= 2 * length + 16,
		    "%zu octets of %zu", messages->length + used, length);
		memcpy(messages->text + messages->length, out, used);
		messages->length += used;
		if (event == MBOX_BEGINS) {
			ORACLE(strncmp(reader.separator, "From ", 5) == 0,
			    "%s", reader.separator);
			messages->text[messages->length++] = '\n';
			messages->count++;
		}
		messages->is_malformed = event == MBOX_MALFORMED;
		at += taken;
		free(in);
		free(out);
	}
}

/* An mbox is the same in pieces of every size. */
static void
fuzz_mbox(const char *text, size_t length)
{
	static const size_t pieces[] = { 1, 2, 7, 64 };
	struct messages whole, parts;
	size_t i;

	read_mbox(&whole, text, length, length);
	for (i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
		read_mbox(&parts, text, length, pieces[i]);
		ORACLE(parts.is_malformed == whole.is_malformed &&
		    parts.count == whole.count, "%zu messages, not %zu",
		    parts.count, whole.count);
		ORACLE(whole.is_malformed || same(whole.text, whole.length,
		    parts.text, parts.length), "%zu octets, not %zu",
		    parts.length, whole.length);
		free(parts.text);
	}
	free(whole.text);
}

/* A message that is exported and imported is the same message. */
static void
fuzz_quoting(const char *text, size_t length)
{
	char separator[MBOX_SEPARATOR_SIZE], *mbox;
	struct mbox_quoting quoting = { false, 0 };
	struct messages messages;
	struct text line;
	size_t size, at;
	int64_t date;

	text_init(&line, separator, sizeof separator - 1);
	mbox_separator(&line, text, length, 1700000000);
	ORACLE(strncmp(separator, "From ", 5) == 0 && mbox_date(separator,
	    &date) && date == 1700000000, "%s", separator);
	ORACLE(strchr(separator, '\n') == NULL ||
	    strchr(separator, '\n')[1] == '\0', "two lines: %s", separator);
	mbox = malloc(sizeof separator + 3 * MBOX_ROOM(length));
	ORACLE(mbox != NULL, "no memory");
	memcpy(mbox, separator, line.length);
	size = line.length;
	if (mbox[size - 1] != '\n')
		mbox[size++] = '\n';
	for (at = 0; at < 3; at++) {
		const char *pieces[] = { text, text + length / 2, "\n" };
		size_t sizes[] = { length / 2, length - length / 2, 1 };
		size_t used = mbox_quote(&quoting, pieces[at], sizes[at],
		    mbox + size);

		ORACLE(used <= MBOX_ROOM(sizes[at]), "%zu octets", used);
		size += used;
	}
	read_mbox(&messages, mbox, size, 5);
	ORACLE(!messages.is_malformed && messages.count == 1 &&
	    same(messages.text + 1, messages.length - 1, text, length),
	    "%zu octets in %zu messages, not %zu", messages.length - 1,
	    messages.count, length);
	free(messages.text);
	free(mbox);
}

static void
check_words(const char *text)
{
	for (; *text != '\0'; text++)
		ORACLE((unsigned char)*text >= 0x20 && *text != 0x7f,
		    "octet %02x", (unsigned char)*text);
}

static void
check_envelope(const struct outgoing *outgoing)
{
	size_t i;

	ORACLE(outgoing->reverse_path != NULL, "no sender");
	check_words(outgoing->reverse_path);
	check_words(outgoing->parameters);
	for (i = 0; i < outgoing->count; i++) {
		const struct outgoing_recipient *recipient =
		    &outgoing->recipients[i];

		ORACLE(recipient->path[0] != '\0', "nobody");
		check_words(recipient->path);
		check_words(recipient->parameters);
		check_words(recipient->server);
		check_words(recipient->said);
		ORACLE((recipient->status[0] == '\0') ==
		    (recipient->state == OUTGOING_WAITING), "status %s",
		    recipient->status);
	}
}

/* Writes an envelope, and reads it again. */
static char *
write_again(const struct outgoing *outgoing, struct outgoing *again,
    size_t *length)
{
	char *text, *copy;

	ORACLE(outgoing_to_text(outgoing, &text, length) == STORE_OK,
	    "it cannot be written");
	copy = copy_of(text, *length);
	outgoing_init(again, 0);
	ORACLE(outgoing_from_text(again, copy) == STORE_OK,
	    "it is refused now: %s", text);
	free(copy);
	return text;
}

/* An envelope that was read is the same when it is written and read again. */
static void
fuzz_envelope(char *text)
{
	struct outgoing outgoing, again, last;
	size_t length, size;
	char *first, *second;

	outgoing_init(&outgoing, 0);
	if (outgoing_from_text(&outgoing, text) == STORE_OK) {
		check_envelope(&outgoing);
		first = write_again(&outgoing, &again, &length);
		check_envelope(&again);
		second = write_again(&again, &last, &size);
		ORACLE(same(first, length, second, size) &&
		    outgoing_due(&last) == outgoing_due(&outgoing),
		    "%s\nis now\n%s", first, second);
		outgoing_free(&last);
		outgoing_free(&again);
		free(second);
		free(first);
	}
	outgoing_free(&outgoing);
}

/* Whatever is put into an envelope can be read again: a text has five. */
static void
fuzz_booking(char *text)
{
	const char *texts[5] = { "", "", "", "", "" };
	struct outgoing outgoing, again;
	size_t length, i;
	char *at = text;

	for (i = 0; i < 5; i++) {
		texts[i] = at;
		at += strcspn(at, "\t");
		if (*at != '\0')
			*at++ = '\0';
	}
	outgoing_init(&outgoing, 1700000000);
	if (outgoing_set_sender(&outgoing, texts[0], texts[1]) &&
	    outgoing_add_recipient(&outgoing, texts[2], texts[1]) &&
	    outgoing_add_recipient(&outgoing, "a@b", "") &&
	    outgoing_book(&outgoing, 0, OUTGOING_FAILED, texts[4], texts[3],
	    texts[4])) {
		free(write_again(&outgoing, &again, &length));
		check_envelope(&again);
		ORACLE(again.count == 2 &&
		    strcmp(again.reverse_path, texts[0]) == 0 &&
		    strcmp(again.recipients[0].path, texts[2]) == 0,
		    "%s to %s", again.reverse_path, again.recipients[0].path);
		outgoing_free(&again);
	}
	outgoing_free(&outgoing);
}

static void
fuzz_numbers(const char *text, size_t length)
{
	char digits[TEXT_NUMBER_SIZE];
	uint64_t number;
	int64_t date;
	struct text out;

	if (text_to_number(text, length, &number)) {
		text_init(&out, digits, sizeof digits);
		text_add_number(&out, number);
		while (length > 1 && *text == '0')
			text++, length--;
		ORACLE(!out.cut && (number == UINT64_MAX ||
		    same(digits, out.length, text, length)), "%s", digits);
	}
	if (text_to_size(text, &number))
		ORACLE(number <= INT64_MAX, "past 63 bits");
	if (mbox_date(text, &date))
		ORACLE(date >= 0 && date < 253402300800, "%lld",
		    (long long)date);
}

/* Text is well-formed where each of its sequences is. */
static void
fuzz_utf8(const char *text, size_t length)
{
	size_t at = 0, size = 0;
	uint32_t point;

	while (at < length && (size = utf8_sequence(text + at, length - at)) > 0) {
		ORACLE(size <= 4 && size <= length - at &&
		    utf8_take(text + at, &point) == size, "%zu octets", size);
		ORACLE(point <= 0x10ffff && (point < 0xd800 || point > 0xdfff),
		    "U+%X", (unsigned)point);
		at += size;
	}
	ORACLE(utf8_is_valid(text, length) == (at == length), "at %zu", at);
	if (at == length)
		(void)utf8_has_controls(text, length);
}

void
target_take(const char *input, size_t length)
{
	char *text;

	if (length < 2)
		return;
	text = copy_of(input + 1, --length);
	switch (*input) {
	case 'n':
		fuzz_names(text, length);
		break;
	case 'm':
		fuzz_mbox(text, length);
		break;
	case 'q':
		fuzz_quoting(text, length);
		break;
	case 'e':
		fuzz_envelope(text);
		break;
	case 'b':
		fuzz_booking(text);
		break;
	case '1':
		fuzz_numbers(text, length);
		break;
	case 'u':
		fuzz_utf8(text, length);
		break;
	}
	free(text);
}
