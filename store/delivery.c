/* Delivery; see delivery.h. */
#include "store/delivery.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "store/durable.h"
#include "store/text.h"

/*
 * So many mailboxes are linked before the first of them is synced: a sync
 * makes a file system write out all links made until then, so this is what
 * a message for many costs.  Each holds a descriptor meanwhile.
 */
#define BATCH 16

enum store_error
delivery_begin(struct delivery *delivery, struct mail_root *root,
    const char *host)
{
	enum store_error error;
	struct timespec now;
	int incoming;

	delivery->root = root;
	delivery->file = -1;
	delivery->is_sealed = delivery->is_only = delivery->is_moved = false;
	delivery->sizes.disk = delivery->sizes.wire = 0;
	delivery->held = 0;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	delivery->seconds = (int64_t)now.tv_sec;
	error = root_part(root, ROOT_INCOMING, &incoming);
	if (error != STORE_OK)
		return error;
	if (maildir_message_id(delivery->id,
	    (uint32_t)(now.tv_nsec / 1000)) == -1)
		return STORE_FAILED;
	maildir_base_name(delivery->base, delivery->seconds, delivery->id,
	    host);
	memcpy(delivery->name, delivery->base, sizeof delivery->name);
	delivery->file = durable_create(incoming, delivery->base);
	if (delivery->file == -1)
		return store_error_from(errno);
	if (durable_lock(delivery->file) == -1) {
		error = store_error_from(errno);
		delivery_end(delivery);
	}
	return error;
}

enum store_error
delivery_write(struct delivery *delivery, const char *octets, size_t length,
    uint64_t wire_octets)
{
	enum store_error error = STORE_OK;

	if (length > sizeof delivery->held_back - delivery->held)
		error = delivery_flush(delivery);
	if (error != STORE_OK)
		return error;
	if (length < sizeof delivery->held_back) {
		memcpy(delivery->held_back + delivery->held, octets, length);
		delivery->held += length;
	} else if (durable_write(delivery->file, octets, length) == -1)
		return store_error_from(errno);
	delivery->sizes.disk += length;
	delivery->sizes.wire += wire_octets;
	return STORE_OK;
}

enum store_error
delivery_flush(struct delivery *delivery)
{
	size_t length = delivery->held;

	delivery->held = 0;
	return durable_write(delivery->file, delivery->held_back, length) == -1 ?
	    store_error_from(errno) : STORE_OK;
}

enum store_error
delivery_rename(struct delivery *delivery, int64_t seconds, uint32_t order,
    const char *host)
{
	if (maildir_message_id(delivery->id, order) == -1)
		return STORE_FAILED;
	delivery->seconds = seconds;
	maildir_base_name(delivery->name, seconds, delivery->id, host);
	return STORE_OK;
}

/* Opens the Maildir of an account given as local@domain; see maildir_open(). */
static enum store_error
open_mailbox(struct mail_root *root, const char *account, bool make,
    int *maildir)
{
	struct address address;

	if (!address_parse(&address, account, strlen(account)))
		return STORE_NOT_FOUND;
	return maildir_open(root, &address, make, maildir);
}

/* Copies the message to an open file, and syncs it. */
static enum store_error
copy_to(const struct delivery *delivery, int copy)
{
	char buffer[32768];
	ssize_t got;

	if (durable_rewind(delivery->file) == -1)
		return STORE_FAILED;
	while ((got = durable_read(delivery->file, buffer, sizeof buffer)) > 0)
		if (durable_write(copy, buffer, (size_t)got) == -1)
			return store_error_from(errno);
	if (got == -1 || durable_sync(copy) == -1)
		return store_error_from(errno);
	return STORE_OK;
}

/* Delivers a copy by way of an open directory, where it is written first. */
static enum store_error
deliver_copy_by(const struct delivery *delivery, int way, int new_mail,
    const char *name)
{
	enum store_error error;
	int copy = durable_create(way, name);

	if (copy == -1) {
		error = store_error_from(errno);
		if (errno == EACCES)    /* confined: made, but not opened */
			durable_undo(way, name);
		return error;
	}
	error = copy_to(delivery, copy);
	if (error == STORE_OK &&
	    durable_rename(way, name, new_mail, name) == -1)
		error = errno == EXDEV ? STORE_NOT_FOUND :
		    store_error_from(errno);
	if (error != STORE_OK)
		durable_undo(way, name);
	durable_close(copy);
	return error;
}

/*
 * Delivers a copy where a link cannot be: by way of .incoming/, where this
 * file system has no links, or no more for this file; by way of tmp/, where
 * the mailbox is on another one.
 */
static enum store_error
deliver_copy(const struct delivery *delivery, int maildir, int new_mail,
    const char *name)
{
	enum store_error error;
	int tmp;

	error = deliver_copy_by(delivery, delivery->root->incoming, new_mail,
	    name);
	if (error != STORE_NOT_FOUND)
		return error;
	error = maildir_open_part(maildir, MAILDIR_TMP, &tmp);
	if (error != STORE_OK)
		return error;
	error = deliver_copy_by(delivery, tmp, new_mail, name);
	durable_close(tmp);
	return error;
}

/* Links the message into new/, also where that is not yet open for it. */
static int
link_into(const struct delivery *delivery, int maildir, int new_mail,
    const char *name)
{
	int incoming = delivery->root->incoming;
	int result = durable_link(incoming, delivery->base, new_mail, name);

	if (result == -1 && errno == EACCES &&
	    maildir_complete(maildir) == STORE_OK)
		result = durable_link(incoming, delivery->base, new_mail, name);
	return result;
}

/* What a mailbox may be in want of, or a file system, and no failure. */
static bool
can_be_mended(int number)
{
	return number == ENOENT || number == ENOTDIR || number == EACCES ||
	    number == EXDEV || number == EMLINK || number == EPERM;
}

/* Moves the message, or where that cannot be, gives it one more name. */
static int
move_or_link(struct delivery *delivery, int new_mail, const char *name)
{
	int incoming = delivery->root->incoming;

	if (delivery->is_only) {
		delivery->is_moved = durable_move(incoming, delivery->base,
		    new_mail, name) == 0;
		if (delivery->is_moved)
			return 0;
		if (errno != ENOSYS && errno != EINVAL)
			return -1;
	}
	return durable_link(incoming, delivery->base, new_mail, name);
}

/*
 * Puts the message into new/ of a mailbox that is as it should be, in few
 * calls.  STORE_NOT_FOUND: it is not, and nothing is done.
 */
static enum store_error
deliver_quickly(struct delivery *delivery, const char *account,
    const char *name, int *new_mail)
{
	struct address address;
	int number = ENOENT;

	if (!address_parse(&address, account, strlen(account)))
		return STORE_NOT_FOUND;
	if (maildir_open_new(delivery->root, &address, new_mail) == STORE_OK) {
		if (move_or_link(delivery, *new_mail, name) == 0)
			return STORE_OK;
		number = errno;
		durable_close(*new_mail);
	} else
		number = errno;
	return can_be_mended(number) ? STORE_NOT_FOUND :
	    store_error_from(number);
}

/*
 * Puts the message into new/ of one account, not yet synced; *new_mail is
 * that directory, for the caller to sync and close.
 */
static enum store_error
deliver_to(struct delivery *delivery, const char *account, const char *name,
    int *new_mail)
{
	enum store_error error;
	int maildir;

	error = deliver_quickly(delivery, account, name, new_mail);
	if (error != STORE_NOT_FOUND)
		return error;
	error = open_mailbox(delivery->root, account, true, &maildir);
	if (error != STORE_OK)
		return error;
	error = maildir_open_part(maildir, MAILDIR_NEW, new_mail);
	if (error == STORE_OK &&
	    link_into(delivery, maildir, *new_mail, name) == -1) {
		if (errno == EXDEV || errno == EMLINK || errno == EPERM)
			error = deliver_copy(delivery, maildir, *new_mail,
			    name);
		else
			error = store_error_from(errno);
		if (error != STORE_OK)
			durable_close(*new_mail);
	}
	durable_close(maildir);
	return error;
}

/* Takes the message out of the mailbox of one account again. */
static void
undo(const struct delivery *delivery, const char *account, const char *name)
{
	int maildir, new_mail;

	if (open_mailbox(delivery->root, account, false, &maildir) != STORE_OK)
		return;
	if (maildir_open_part(maildir, MAILDIR_NEW, &new_mail) == STORE_OK) {
		(void)durable_unlink(new_mail, name);
		(void)durable_sync(new_mail);
		durable_close(new_mail);
	}
	durable_close(maildir);
}

/* Delivers to at most BATCH accounts; *done counts those that it is in. */
static enum store_error
deliver_batch(struct delivery *delivery, char *const *accounts,
    size_t count, const char *name, size_t *done)
{
	enum store_error error = STORE_OK;
	int new_mail[BATCH];
	size_t i, linked = 0;

	while (error == STORE_OK && linked < count) {
		error = deliver_to(delivery, accounts[linked], name,
		    &new_mail[linked]);
		if (error == STORE_OK)
			linked++;
	}
	for (i = 0; i < linked; i++) {
		if (error == STORE_OK && durable_sync(new_mail[i]) == -1)
			error = store_error_from(errno);
		durable_close(new_mail[i]);
	}
	*done += linked;
	return error;
}

/*
 * One data sync, whatever the number of mailboxes.  It is tried once: after a
 * failure what is in the file is not known, and no second one tells.
 */
static enum store_error
seal(struct delivery *delivery)
{
	if (delivery->is_sealed) {
		if (delivery->sealing != STORE_OK)
			errno = EIO;
		return delivery->sealing;
	}
	delivery->sealing = delivery_flush(delivery);
	if (delivery->sealing == STORE_OK &&
	    durable_sync(delivery->file) == -1)
		delivery->sealing = store_error_from(errno);
	delivery->is_sealed = true;
	return delivery->sealing;
}

enum store_error
delivery_place(struct delivery *delivery, char *const *accounts, size_t count)
{
	enum store_error error = seal(delivery);
	char name[MESSAGE_NAME_SIZE];
	size_t done = 0;

	maildir_message_name(name, delivery->name, &delivery->sizes);
	while (error == STORE_OK && done < count) {
		size_t left = count - done;

		error = deliver_batch(delivery, accounts + done,
		    left < BATCH ? left : BATCH, name, &done);
	}
	if (error != STORE_OK)
		delivery_revoke(delivery, accounts, done);
	return error;
}

enum store_error
delivery_place_only(struct delivery *delivery, char *account)
{
	delivery->is_only = true;
	return delivery_place(delivery, &account, 1);
}

void
delivery_revoke(const struct delivery *delivery, char *const *accounts,
    size_t count)
{
	char name[MESSAGE_NAME_SIZE];
	int saved = errno;

	maildir_message_name(name, delivery->name, &delivery->sizes);
	while (count > 0)
		undo(delivery, accounts[--count], name);
	errno = saved;
}

/* A copy that is held as the message is, by way of .incoming/. */
static enum store_error
link_copy(const struct delivery *delivery, int to, const char *name, int *copy)
{
	int incoming = delivery->root->incoming;
	enum store_error error;

	*copy = durable_create(incoming, name);
	if (*copy == -1)
		return store_error_from(errno);
	error = durable_lock(*copy) == -1 ? store_error_from(errno) :
	    copy_to(delivery, *copy);
	if (error == STORE_OK &&
	    durable_rename(incoming, name, to, name) == -1)
		error = store_error_from(errno);
	if (error != STORE_OK) {
		durable_undo(incoming, name);
		durable_close(*copy);
		*copy = -1;
	}
	return error;
}

enum store_error
delivery_link(struct delivery *delivery, int to, const char *name, int *copy)
{
	enum store_error error = seal(delivery);

	*copy = -1;
	if (error != STORE_OK || durable_link(delivery->root->incoming,
	    delivery->base, to, name) == 0)
		return error;
	if (errno == EMLINK || errno == EPERM)
		return link_copy(delivery, to, name, copy);
	return store_error_from(errno);
}

ssize_t
delivery_read(const struct delivery *delivery, void *octets, size_t size,
    uint64_t offset)
{
	char *to = octets;
	size_t length = 0;

	while (length < size) {
		ssize_t got = durable_read_at(delivery->file, to + length,
		    size - length, (off_t)(offset + length));

		if (got == -1)
			return -1;
		if (got == 0)
			break;
		length += (size_t)got;
	}
	return (ssize_t)length;
}

enum store_error
delivery_replace(struct delivery *delivery, const struct delivery *other)
{
	char buffer[16384], out[2 * sizeof buffer];
	struct wire_count count;
	uint64_t at = 0;
	bool cr = false;
	ssize_t got;

	if (durable_empty(delivery->file) == -1)
		return store_error_from(errno);
	wire_count_init(&count);
	while ((got = delivery_read(other, buffer, sizeof buffer, at)) > 0) {
		size_t length = text_take_out_cr(buffer, (size_t)got, out, &cr);

		wire_count_add(&count, out, length);
		if (durable_write(delivery->file, out, length) == -1)
			return store_error_from(errno);
		at += (uint64_t)got;
	}
	if (got == -1)
		return store_error_from(errno);
	if (cr) {
		wire_count_add(&count, "\r", 1);
		if (durable_write(delivery->file, "\r", 1) == -1)
			return store_error_from(errno);
	}
	delivery->sizes = wire_count_end(&count);
	return STORE_OK;
}

void
delivery_end(struct delivery *delivery)
{
	if (delivery->file == -1)
		return;
	if (!delivery->is_moved)
		durable_undo(delivery->root->incoming, delivery->base);
	durable_close(delivery->file);
	delivery->file = -1;
}
