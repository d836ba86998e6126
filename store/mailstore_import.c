/*
 * mailstore import: the messages of an mbox file into a mailbox; see
 * mailstore.h.
 *
 * Each is delivered as any other, one after the other.  In the place of the
 * host its name has a digest of its separator line's date and its text.  So
 * an import that was interrupted knows, when it is started again, how many of
 * the messages with this digest are in the mailbox, and passes over as many.
 */
#include "store/mailstore.h"

#include <errno.h>
#include <inttypes.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "store/account.h"
#include "store/delivery.h"
#include "store/durable.h"
#include "store/mbox.h"
#include "store/progress.h"
#include "store/quota.h"
#include "store/sha256.h"

#define BUFFER_OCTETS 32768

/* Half of a SHA-256, in hexadecimal digits. */
#define DIGEST_DIGITS 32

/* How often a message is there, by its digest. */
struct known {
	char digest[DIGEST_DIGITS];
	uint32_t in_mailbox;    /* when the import began */
	uint32_t in_file;       /* as far as that is read */
};

struct import {
	struct mail_root *root;
	char account[ADDRESS_TEXT_SIZE];
	void *known;            /* a tree of them, tsearch(3)'s */
	uint64_t room;          /* octets that the quota leaves */
	bool is_over_quota;
	struct mbox_reader reader;
	int64_t seconds;        /* of the last separator line with a date */
	uint32_t order;         /* of the message in the file */
	uint64_t delivered;
	uint64_t passed_over;

	/* the message that is being read */
	bool is_begun;
	struct delivery delivery;
	struct sha256 sha256;
	struct wire_count count;
};

/*
 * The analyzer of gcc does not know that tsearch(3) keeps what it is given;
 * free_known() frees it.
 */
#if defined __GNUC__ && !defined __clang__
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif

static int
compare_known(const void *a, const void *b)
{
	const struct known *one = a, *other = b;

	return memcmp(one->digest, other->digest, DIGEST_DIGITS);
}

/* What is known of a digest, at first nothing; NULL without memory. */
static struct known *
find_known(struct import *import, const char *digest)
{
	struct known *known = calloc(1, sizeof *known), **found;

	if (known == NULL)
		return NULL;
	memcpy(known->digest, digest, DIGEST_DIGITS);
	found = tsearch(known, &import->known, compare_known);
	if (found == NULL || *found != known)
		free(known);
	return found == NULL ? NULL : *found;
}

static void
free_known(struct import *import)
{
	while (import->known != NULL) {
		struct known *known = *(struct known **)import->known;

		(void)tdelete(known, &import->known, compare_known);
		free(known);
	}
}

/* The digest in the name of a message that was imported; else NULL. */
static const char *
digest_in(const char *name)
{
	size_t length = maildir_base_length(name);
	const char *digest;

	if (length <= DIGEST_DIGITS)
		return NULL;
	digest = name + length - DIGEST_DIGITS;
	return digest[-1] == '.' &&
	    strspn(digest, "0123456789abcdef") == DIGEST_DIGITS ? digest : NULL;
}

/* Finds what imports before this one have brought. */
static enum store_error
find_imported(struct import *import, const struct address *address)
{
	enum store_error error;
	struct mailbox mailbox;
	size_t i;

	error = mailbox_open(&mailbox, import->root, address, false);
	if (error != STORE_OK)          /* no mailbox: nothing */
		return error == STORE_NOT_FOUND ? STORE_OK : error;
	for (i = 0; error == STORE_OK && i < mailbox.count; i++) {
		char name[MESSAGE_NAME_SIZE];
		struct known *known;
		const char *digest;

		message_name(&mailbox, &mailbox.messages[i], name);
		digest = digest_in(name);
		if (digest == NULL)
			continue;
		known = find_known(import, digest);
		if (known == NULL)
			error = STORE_FAILED, errno = ENOMEM;
		else
			known->in_mailbox++;
	}
	mailbox_close(&mailbox);
	return error;
}

static enum store_error
find_room(struct import *import, const struct address *address)
{
	enum store_error error;
	uint64_t quota;
	int account;

	error = account_open(import->root, address, &account);
	if (error != STORE_OK)
		return error;
	error = quota_read(account, ".", &quota);
	durable_close(account);
	if (error == STORE_OK)
		error = quota_room(import->root, address, quota,
		    &import->room);
	return error;
}

/* Begins the message behind the separator line that was read. */
static enum store_error
begin_message(struct import *import)
{
	char buffer[TEXT_NUMBER_SIZE + 1];
	enum store_error error;
	struct text date;

	text_init(&date, buffer, sizeof buffer);
	error = delivery_begin(&import->delivery, import->root, "import");
	if (error != STORE_OK)
		return error;
	import->is_begun = true;
	if (mbox_date(import->reader.separator, &import->seconds))
		text_add_number(&date, (uint64_t)import->seconds);
	else if (import->seconds == -1)
		import->seconds = import->delivery.seconds;
	text_add_octet(&date, '\n');
	sha256_init(&import->sha256);
	sha256_add(&import->sha256, date.start, date.length);
	wire_count_init(&import->count);
	return STORE_OK;
}

static enum store_error
add_text(struct import *import, const char *octets, size_t length)
{
	if (length == 0)
		return STORE_OK;
	sha256_add(&import->sha256, octets, length);
	wire_count_add(&import->count, octets, length);
	return delivery_write(&import->delivery, octets, length, 0);
}

/* Delivers the message, which is known by this digest. */
static enum store_error
deliver(struct import *import, const char *digest)
{
	struct delivery *delivery = &import->delivery;
	uint64_t octets = delivery->sizes.disk;
	enum store_error error;

	if (octets > import->room) {
		import->is_over_quota = true;
		return STORE_FULL;
	}
	error = delivery_rename(delivery, import->seconds, import->order,
	    digest);
	if (error == STORE_OK)
		error = delivery_place_only(delivery, import->account);
	if (error == STORE_OK && import->room != QUOTA_NONE)
		import->room -= octets;
	if (error == STORE_OK)
		import->delivered++;
	return error;
}

/* Ends the message that is being read, if there is one. */
static enum store_error
end_message(struct import *import)
{
	unsigned char octets[SHA256_OCTETS];
	enum store_error error = STORE_OK;
	char digest[DIGEST_DIGITS + 1];
	struct known *known;
	struct text text;

	if (!import->is_begun)
		return STORE_OK;
	import->delivery.sizes = wire_count_end(&import->count);
	sha256_end(&import->sha256, octets);
	text_init(&text, digest, sizeof digest);
	text_add_hexadecimal(&text, octets, DIGEST_DIGITS / 2);
	known = find_known(import, digest);
	if (known == NULL)
		error = STORE_FAILED, errno = ENOMEM;
	else if (known->in_file++ < known->in_mailbox)
		import->passed_over++;
	else
		error = deliver(import, digest);
	import->order++;
	import->is_begun = false;
	delivery_end(&import->delivery);
	return error;
}

/* Takes the next octets of the file, which have LF line ends. */
static enum store_error
take(struct import *import, const char *octets, size_t length)
{
	char out[MBOX_ROOM(BUFFER_OCTETS + 1)];
	enum store_error error = STORE_OK;

	while (error == STORE_OK && length > 0) {
		size_t taken, used;
		enum mbox_event event = mbox_take(&import->reader, octets,
		    length, &taken, out, &used);

		if (event == MBOX_MALFORMED)
			return STORE_MALFORMED;
		error = add_text(import, out, used);
		if (event == MBOX_BEGINS) {
			if (error == STORE_OK)
				error = end_message(import);
			if (error == STORE_OK)
				error = begin_message(import);
		}
		octets += taken;
		length -= taken;
	}
	return error;
}

/* Whether the first line ends in CRLF: then all do. */
static bool
has_crlf(const char *octets, size_t length)
{
	const char *lf = memchr(octets, '\n', length);

	return lf != NULL && lf > octets && lf[-1] == '\r';
}

/*
 * Imports all of a file; a last line without an end gets one.  What cannot be
 * read is the file's fault, and the caller asks ferror(3).
 */
static enum store_error
import_file(struct import *import, FILE *file, struct progress *progress)
{
	char buffer[BUFFER_OCTETS], plain[BUFFER_OCTETS + 1];
	enum store_error error = STORE_OK;
	bool is_first = true, crlf = false, cr = false;
	char last = '\n';
	size_t got;

	while (error == STORE_OK &&
	    (got = fread(buffer, 1, sizeof buffer, file)) > 0) {
		const char *octets = buffer;
		size_t length = got;

		if (is_first)
			crlf = has_crlf(buffer, got);
		is_first = false;
		last = buffer[got - 1];
		if (crlf) {
			length = text_take_out_cr(buffer, got, plain, &cr);
			octets = plain;
		}
		error = take(import, octets, length);
		progress_add(progress, got);
	}
	if (error == STORE_OK && !ferror(file)) {
		if (cr)
			error = take(import, "\r", 1);
		if (error == STORE_OK && last != '\n')
			error = take(import, "\n", 1);
		if (error == STORE_OK)
			error = end_message(import);
	}
	return error;
}

/* How much of a file is still to be read; 0: not known. */
static uint64_t
octets_in(FILE *file)
{
	struct stat status;
	off_t at = ftello(file);

	if (fstat(fileno(file), &status) == -1 || !S_ISREG(status.st_mode) ||
	    at < 0 || at >= status.st_size)
		return 0;
	return (uint64_t)(status.st_size - at);
}

/* Says how it ended; number is errno as it was then. */
static int
report(const struct import *import, const char *name, const char *path,
    enum store_error error, bool is_unread, int number)
{
	int status = EX_OK;

	if (is_unread) {
		fprintf(stderr, "mailstore: cannot read %s: %s\n", path,
		    strerror(number));
		status = EX_NOINPUT;
	} else if (error == STORE_MALFORMED) {
		fprintf(stderr, "mailstore: %s is no mbox file: its first "
		    "line does not begin with \"From \"\n", path);
		return EX_DATAERR;
	} else if (import->is_over_quota) {
		fprintf(stderr, "mailstore: cannot import into %s: its quota "
		    "leaves no room for the next message\n", name);
		status = EX_TEMPFAIL;
	} else if (error != STORE_OK) {
		errno = number;
		status = mailstore_fail("cannot import into", name, error);
	}
	if (status != EX_OK)
		fprintf(stderr, "mailstore: %" PRIu64 " messages are "
		    "imported; the same command imports the rest\n",
		    import->delivered);
	else if (import->passed_over > 0)
		fprintf(stderr, "mailstore: %" PRIu64 " messages are "
		    "imported; %" PRIu64 " were there from an import before\n",
		    import->delivered, import->passed_over);
	return status;
}

static int
import_into(struct import *import, const char *name, FILE *file,
    const char *path)
{
	struct progress progress;
	enum store_error error;
	bool is_unread;
	int number;

	progress_begin(&progress, "import", octets_in(file));
	error = import_file(import, file, &progress);
	number = errno;
	is_unread = error == STORE_OK && ferror(file);
	if (import->is_begun)
		delivery_end(&import->delivery);
	progress_end(&progress);
	return report(import, name, path, error, is_unread, number);
}

int
mailstore_import(struct mail_root *root, const struct address *address,
    const char *name, const char *path)
{
	struct import import = { .root = root, .seconds = -1 };
	enum store_error error = account_find(root, address);
	FILE *file = stdin;
	int status;

	if (error == STORE_OK)
		error = find_room(&import, address);
	if (error == STORE_OK)
		error = find_imported(&import, address);
	if (error == STORE_OK && path != NULL)
		file = fopen(path, "rb");
	if (error != STORE_OK)
		status = mailstore_fail("cannot import into", name, error);
	else if (file == NULL) {
		fprintf(stderr, "mailstore: cannot open %s: %s\n", path,
		    strerror(errno));
		status = EX_NOINPUT;
	} else {
		address_text(address, import.account);
		mbox_reader_init(&import.reader);
		status = import_into(&import, name, file,
		    path == NULL ? "standard input" : path);
		if (path != NULL)
			(void)fclose(file);
	}
	free_known(&import);
	return status;
}
