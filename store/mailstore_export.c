/* mailstore export: a mailbox as an mbox file; see mailstore.h. */
#include "store/mailstore.h"

#include <errno.h>
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

#include "store/durable.h"
#include "store/mbox.h"
#include "store/progress.h"

#define BUFFER_OCTETS 32768

/* When it was delivered: by its name, else by its file. */
static uint64_t
find_seconds(const struct message *message, int file)
{
	struct stat status;

	if (message->seconds == 0 && durable_file_status(file, &status) == 0 &&
	    status.st_mtime > 0)
		return (uint64_t)status.st_mtime;
	return message->seconds;
}

static void
write_separator(const char *octets, size_t length, uint64_t seconds)
{
	char buffer[MBOX_SEPARATOR_SIZE];
	struct text text;

	text_init(&text, buffer, sizeof buffer);
	mbox_separator(&text, octets, length, seconds);
	(void)fwrite(text.start, 1, text.length, stdout);
}

/* Writes an open message; what comes of standard output is main's to say. */
static enum store_error
write_message(int file, uint64_t seconds, struct progress *progress)
{
	char buffer[BUFFER_OCTETS], out[MBOX_ROOM(BUFFER_OCTETS)];
	struct mbox_quoting quoting = { 0 };
	bool is_first = true;
	size_t used;
	ssize_t got;

	do {
		got = durable_read(file, buffer, sizeof buffer);
		if (got == -1)
			return store_error_from(errno);
		if (is_first)
			write_separator(buffer, (size_t)got, seconds);
		is_first = false;
		used = mbox_quote(&quoting, buffer, (size_t)got, out);
		(void)fwrite(out, 1, used, stdout);
		progress_add(progress, (uint64_t)got);
	} while (got > 0 && !ferror(stdout));
	used = mbox_quote(&quoting, "\n", 1, out);
	(void)fwrite(out, 1, used, stdout);
	return STORE_OK;
}

/* Counts what messages are on disk as far as their names tell. */
static uint64_t
count_octets(const struct mailbox *mailbox)
{
	uint64_t octets = 0;
	size_t i;

	for (i = 0; i < mailbox->count; i++) {
		const struct message *message = &mailbox->messages[i];
		char name[MESSAGE_NAME_SIZE];
		struct message_sizes sizes;

		message_name(mailbox, message, name);
		octets += maildir_sizes_in(name, &sizes) ? sizes.disk :
		    message->octets;
	}
	return octets;
}

static enum store_error
export_message(struct mailbox *mailbox, struct message *message,
    struct progress *progress)
{
	char id[UNIQUE_ID_SIZE];
	enum store_error error;
	int file;

	error = mailbox_read(mailbox, message, &file);
	if (error == STORE_NOT_FOUND) {
		message_unique_id(mailbox, message, id);
		progress_hide(progress);
		fprintf(stderr, "mailstore: message %s is gone meanwhile\n",
		    id);
		return STORE_OK;
	}
	if (error != STORE_OK)
		return error;
	error = write_message(file, find_seconds(message, file), progress);
	durable_close(file);
	return error;
}

int
mailstore_export(struct mail_root *root, const char *name)
{
	enum store_error error = STORE_OK;
	struct progress progress;
	struct mailbox mailbox;
	int status;
	size_t i;

	if (!mailstore_open_mailbox(root, name, &mailbox, &status))
		return status;
	progress_begin(&progress, "export", count_octets(&mailbox));
	if (isatty(STDOUT_FILENO) == 1)         /* the mail is seen itself */
		progress_end(&progress);
	for (i = 0; error == STORE_OK && i < mailbox.count && !ferror(stdout);
	    i++)
		error = export_message(&mailbox, &mailbox.messages[i],
		    &progress);
	progress_end(&progress);
	mailbox_close(&mailbox);
	return error == STORE_OK ? EX_OK :
	    mailstore_fail("cannot export all of", name, error);
}
