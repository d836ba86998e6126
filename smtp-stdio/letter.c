/* A message on its way out; see letter.h. */
#include "smtp-stdio/letter.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sysexits.h>
#include <unistd.h>

#include "stdio/temporary.h"
#include "store/durable.h"

void
letter_init(struct letter *letter)
{
	memset(letter, 0, sizeof *letter);
	letter->file = -1;
}

FILE *
letter_temporary(struct failure *failure)
{
	int file = temporary_open("smtp-send", failure);
	FILE *out = file == -1 ? NULL : fdopen(file, "w+");

	if (file != -1 && out == NULL) {
		failure_set(failure, EX_OSERR,
		    "cannot use a temporary file: %s", strerror(errno));
		(void)close(file);
	}
	return out;
}

/* Writes a piece with its CRLFs as LF; *cr: one is waiting for its LF. */
static void
write_lines(FILE *out, const char *octets, size_t length, bool *cr)
{
	const char *end = octets + length;

	while (octets < end) {
		const char *stop;

		if (*cr && *octets != '\n')
			putc('\r', out);
		*cr = false;
		stop = memchr(octets, '\r', (size_t)(end - octets));
		if (stop == NULL)
			stop = end;
		(void)fwrite(octets, 1, (size_t)(stop - octets), out);
		*cr = stop < end;
		octets = stop + *cr;
	}
}

bool
letter_read(struct letter *letter, int from, struct failure *failure)
{
	FILE *out = letter_temporary(failure);
	char buffer[65536];
	bool cr = false, written;
	ssize_t got;

	if (out == NULL)
		return false;
	while ((got = durable_read(from, buffer, sizeof buffer)) > 0)
		write_lines(out, buffer, (size_t)got, &cr);
	if (cr)
		putc('\r', out);
	written = fflush(out) == 0 && !ferror(out);
	if (got == 0 && written)
		letter->file = fcntl(fileno(out), F_DUPFD_CLOEXEC, 3);
	if (letter->file == -1)
		failure_set(failure, got == -1 ? EX_IOERR : EX_CANTCREAT,
		    "cannot %s the message: %s",
		    got == -1 ? "read" : "keep a copy of", strerror(errno));
	(void)fclose(out);
	return letter->file != -1;
}

bool
letter_pass(const struct letter *letter,
    bool (*put)(void *context, const char *octets, size_t length),
    void *context)
{
	uint64_t offset = letter->offset;
	char buffer[65536];
	ssize_t got;

	if (letter->head_length > 0 &&
	    !put(context, letter->head, letter->head_length))
		return false;
	while ((got = durable_read_at(letter->file, buffer, sizeof buffer,
	    (off_t)offset)) > 0) {
		if (!put(context, buffer, (size_t)got))
			return false;
		offset += (uint64_t)got;
	}
	return got == 0;
}

/* Looks for the end of the header on the way. */
struct measuring {
	struct letter *letter;
	bool in_body;
	char last;
};

static bool
measure(void *context, const char *octets, size_t length)
{
	struct measuring *measuring = context;
	size_t i;

	for (i = 0; i < length && !measuring->in_body; i++) {
		if (octets[i] == '\n' && measuring->last == '\n')
			measuring->in_body = true;
		if ((unsigned char)octets[i] >= 0x80)
			measuring->letter->has_eight_bit_header = true;
		measuring->last = octets[i];
	}
	content_add(&measuring->letter->content, octets, length);
	return true;
}

bool
letter_measure(struct letter *letter, struct failure *failure)
{
	struct measuring measuring = { letter, false, '\n' };

	content_init(&letter->content);
	if (!letter_pass(letter, measure, &measuring))
		return failure_set(failure, EX_IOERR,
		    "cannot read the message again: %s", strerror(errno));
	content_end(&letter->content);
	return true;
}

void
letter_free(struct letter *letter)
{
	free(letter->head);
	if (letter->file != -1)
		(void)close(letter->file);
	letter_init(letter);
}
