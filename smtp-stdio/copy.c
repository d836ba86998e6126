/* Copies for forwarders; see copy.h. */
#include "smtp-stdio/copy.h"

#include "smtp-stdio/trace.h"
#include "store/maildir.h"
#include "store/text.h"

/* A copy that is being written, and what that is on the wire. */
struct writer {
	struct delivery *copy;
	const struct delivery *message;
	struct wire_count count;
};

static enum store_error
write_counted(struct writer *writer, const char *octets, size_t length)
{
	wire_count_add(&writer->count, octets, length);
	return delivery_write(writer->copy, octets, length, 0);
}

/* Copies octets of the message, from one place to another or to its end. */
static enum store_error
copy_part(struct writer *writer, uint64_t at, uint64_t end)
{
	enum store_error error = STORE_OK;
	char buffer[32768];

	while (error == STORE_OK && at < end) {
		uint64_t left = end - at;
		ssize_t got = delivery_read(writer->message, buffer,
		    left < sizeof buffer ? (size_t)left : sizeof buffer, at);

		if (got <= 0)
			return STORE_FAILED;
		error = write_counted(writer, buffer, (size_t)got);
		at += (uint64_t)got;
	}
	return error;
}

/* A Delivered-To line for each forwarder on the way, the last one first. */
static enum store_error
write_forwarders(struct writer *writer, const struct expansion *expansion,
    size_t via)
{
	const struct forwarder *forwarders = expansion->forwarders;
	enum store_error error = STORE_OK;
	char buffer[ADDRESS_TEXT_SIZE + 32];
	struct text text;

	for (; via != VIA_NONE && error == STORE_OK;
	    via = forwarders[via].via) {
		text_init(&text, buffer, sizeof buffer);
		text_add(&text, "Delivered-To: ");
		text_add(&text, forwarders[via].account);
		text_add_octet(&text, '\n');
		error = write_counted(writer, buffer, text.length);
	}
	return error;
}

enum store_error
copy_write(struct delivery *copy, const struct delivery *message,
    const struct expansion *expansion, size_t via, const char *host)
{
	struct writer writer = { .copy = copy, .message = message };
	char head[1024];
	enum store_error error;
	ssize_t got;
	size_t top;

	got = delivery_read(message, head, sizeof head, 0);
	if (got == -1)
		return STORE_FAILED;
	error = delivery_begin(copy, message->root, host);
	if (error != STORE_OK)
		return error;
	wire_count_init(&writer.count);
	/* RFC 5321 section 4.4: Return-Path stays on top. */
	top = trace_top_length(head, (size_t)got);
	error = copy_part(&writer, 0, top);
	if (error == STORE_OK)
		error = write_forwarders(&writer, expansion, via);
	if (error == STORE_OK)
		error = copy_part(&writer, top, message->sizes.disk);
	copy->sizes = wire_count_end(&writer.count);
	if (error != STORE_OK)
		delivery_end(copy);
	return error;
}
