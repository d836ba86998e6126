/*
 * Maildirs: the directories mail/DOMAIN/USER/{tmp,new,cur}, the names of
 * messages in them, and the sizes that the names carry.
 *
 *     SECONDS.ID.HOST,S=<octets on disk>,W=<octets on the wire>:2,FLAGS
 *
 * The base name, up to the first "," or ":", stays the same for the life of a
 * message; other programs may move it from new/ to cur/ and add flags.
 */
#ifndef STORE_MAILDIR_H
#define STORE_MAILDIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/address.h"
#include "store/error.h"
#include "store/random.h"
#include "store/root.h"

#define BASE_NAME_OCTETS_MAX 70

/*
 * The unique part of a base name, with its NUL: microseconds in five
 * hexadecimal digits, so that names sort as messages came, and 64 random bits.
 */
#define MESSAGE_ID_SIZE (5 + RANDOM_NAME_SIZE)

#define MESSAGE_NAME_SIZE 256           /* a path component, with its NUL */

struct message_sizes {
	uint64_t disk;          /* octets of the file */
	uint64_t wire;          /* octets with each line end as CRLF */
};

/* The directories of a Maildir. */
enum maildir_part { MAILDIR_TMP, MAILDIR_NEW, MAILDIR_CUR };

/* What the parts are called on disk. */
const char *maildir_part_name(enum maildir_part part);

/*
 * Opens the Maildir of an account; with make, it and its three directories
 * are made where they are missing, each synced in its parent.  The caller
 * closes it.
 */
enum store_error maildir_open(struct mail_root *root,
    const struct address *address, bool make, int *maildir);

/*
 * Makes the parts of an open Maildir that are missing.  Nobody can deliver to
 * a new/ whose name is not synced, since it has mode 0500 until then: who
 * finds it so, because its maker is still at work or never will be again, has
 * to call this.  (It does not hinder root, where the mail root is root's.)
 */
enum store_error maildir_complete(int maildir);

/* Opens one part of a Maildir; completes it where that is missing. */
enum store_error maildir_open_part(int maildir, enum maildir_part part,
    int *directory);

/*
 * Opens new/ of an account's Maildir as it is, for the caller to close.  That
 * fails with what maildir_open() mends, too.
 */
enum store_error maildir_open_new(struct mail_root *root,
    const struct address *address, int *directory);

/* A file in a Maildir: its account is removed, or about to be. */
#define MAILDIR_REMOVED_MARK "removed"

/*
 * Marks an open Maildir, whose lock the caller holds: its account is about to
 * be removed.  From the moment that there is no such account, what is in it
 * is never to be seen again, whoever has an account of that name.
 */
enum store_error maildir_mark_removed(int maildir);

/*
 * Called by whoever makes an account, before there is one: removes its Maildir
 * where that has the mark, because a removal was interrupted.  STORE_BUSY: it
 * goes on just now.
 */
enum store_error maildir_finish_removal(struct mail_root *root,
    const struct address *address);

/*
 * Whether Dovecot has given UIDs here, also to messages that are still in new/.
 * It knows them by the whole name up to the ":", so that one with sizes put in
 * would be another message to it.
 */
bool maildir_has_uids(int maildir);

/*
 * Removes the Maildir of an account, whose lock the caller holds, and the
 * domain's directory where it was the last one.  It disappears as a whole, by
 * a rename, before its files are removed.  STORE_OK where there is none.
 */
enum store_error maildir_remove(struct mail_root *root,
    const struct address *address);

/* Makes an id; -1 with errno set where the kernel gives no random octets. */
int maildir_message_id(char id[MESSAGE_ID_SIZE], uint32_t microseconds);

/*
 * Writes a new base name: seconds since 1970, the id, and the host, in which
 * octets that a name may not have are replaced by "_", and which is cut to
 * fit.
 */
void maildir_base_name(char name[BASE_NAME_OCTETS_MAX + 1], int64_t seconds,
    const char id[MESSAGE_ID_SIZE], const char *host);

/* Writes base with its sizes behind it. */
void maildir_message_name(char name[MESSAGE_NAME_SIZE], const char *base,
    const struct message_sizes *sizes);

/* The length of the base name in a message's name. */
size_t maildir_base_length(const char *name);

/* Compares the base names of two messages as octets; as strcmp() tells it. */
int maildir_compare_bases(const char *a, const char *b);

/* The sizes in a message's name; false where it does not carry both. */
bool maildir_sizes_in(const char *name, struct message_sizes *sizes);

/*
 * The name with its missing sizes put in, for a message that another program
 * delivered; false where it says otherwise already, or would get too long.
 */
bool maildir_name_with_sizes(char to[MESSAGE_NAME_SIZE], const char *name,
    const struct message_sizes *sizes);

/* The name with right sizes where it carries them; false: it gets too long. */
bool maildir_name_corrected(char to[MESSAGE_NAME_SIZE], const char *name,
    const struct message_sizes *sizes);

/*
 * Counts what a stored message is on the wire, piece by piece: an LF without
 * a CR before it goes out as CRLF, and a last line without an end gets one.
 */
struct wire_count {
	struct message_sizes sizes;
	char last;              /* the octet before; 0 at the start */
};

void wire_count_init(struct wire_count *count);
void wire_count_add(struct wire_count *count, const char *octets, size_t length);
struct message_sizes wire_count_end(const struct wire_count *count);

/* Counts a whole file by reading it from where it stands. */
enum store_error maildir_count(int file, struct message_sizes *sizes);

#endif
