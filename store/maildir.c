/* Maildirs and the names in them; see maildir.h. */
#include "store/maildir.h"

#include <errno.h>
#include <string.h>

#include "store/durable.h"
#include "store/lock.h"
#include "store/text.h"
#include "store/tree.h"

const char *
maildir_part_name(enum maildir_part part)
{
	switch (part) {
	case MAILDIR_TMP:
		return "tmp";
	case MAILDIR_NEW:
		return "new";
	case MAILDIR_CUR:
		break;
	}
	return "cur";
}

/* Opens a directory that must be there. */
static enum store_error
open_directory(int at, const char *name, int *directory)
{
	*directory = durable_open_directory(at, name);
	return *directory == -1 ? store_error_from(errno) : STORE_OK;
}

/* Syncs the name of a Maildir, whoever has made it; see root_directory(). */
static int
sync_name_of(int maildir)
{
	int domain = durable_open_parent(maildir), result;

	if (domain == -1)
		return -1;
	result = durable_sync(domain);
	durable_close(domain);
	return result;
}

/* Makes a part that is missing; new/ is closed until its name is synced. */
static int
make_part(int maildir, enum maildir_part part)
{
	const char *name = maildir_part_name(part);
	int result = part == MAILDIR_NEW ?
	    durable_make_closed_directory(maildir, name) :
	    durable_make_directory(maildir, name);

	return result == -1 && errno == EEXIST ? 0 : result;
}

enum store_error
maildir_complete(int maildir)
{
	if (sync_name_of(maildir) == -1 ||
	    make_part(maildir, MAILDIR_TMP) == -1 ||
	    make_part(maildir, MAILDIR_CUR) == -1 ||
	    make_part(maildir, MAILDIR_NEW) == -1 ||
	    durable_sync(maildir) == -1 ||
	    durable_set_mode(maildir, maildir_part_name(MAILDIR_NEW),
	    S_IRWXU) == -1)
		return store_error_from(errno);
	return STORE_OK;
}

enum store_error
maildir_open_part(int maildir, enum maildir_part part, int *directory)
{
	const char *name = maildir_part_name(part);
	enum store_error error = open_directory(maildir, name, directory);

	if (error == STORE_NOT_FOUND)
		error = maildir_complete(maildir);
	else
		return error;
	return error == STORE_OK ? open_directory(maildir, name, directory) :
	    error;
}

/* Makes a Maildir in its domain, whose name is synced first. */
static enum store_error
make_maildir(int mail, int domain, const char *name, int *maildir)
{
	enum store_error error;

	if (durable_sync(mail) == -1 ||
	    (durable_make_directory(domain, name) == -1 && errno != EEXIST))
		return store_error_from(errno);
	error = open_directory(domain, name, maildir);
	if (error == STORE_OK) {
		error = maildir_complete(*maildir);
		if (error != STORE_OK)
			durable_close(*maildir);
	}
	return error;
}

enum store_error
maildir_open(struct mail_root *root, const struct address *address, bool make,
    int *maildir)
{
	enum store_error error;
	int mail, domain;

	error = root_part(root, ROOT_MAIL, &mail);
	if (error == STORE_OK)
		error = make ? root_domain(root, ROOT_MAIL, address->domain,
		    &domain) : open_directory(mail, address->domain, &domain);
	if (error != STORE_OK)
		return error;
	error = open_directory(domain, address->local, maildir);
	if (error == STORE_NOT_FOUND && make)
		error = make_maildir(mail, domain, address->local, maildir);
	durable_close(domain);
	return error;
}

enum store_error
maildir_open_new(struct mail_root *root, const struct address *address,
    int *directory)
{
	enum store_error error;
	int mail;

	error = root_part(root, ROOT_MAIL, &mail);
	if (error != STORE_OK)
		return error;
	*directory = root_keep(&root->mail_domain, mail, address->domain) == -1 ?
	    -1 : durable_open_directory_in(root->mail_domain.directory,
	    address->local, maildir_part_name(MAILDIR_NEW));
	if (*directory != -1)
		return STORE_OK;
	error = store_error_from(errno);
	root_forget(&root->mail_domain);        /* it may be another now */
	return error;
}

bool
maildir_has_uids(int maildir)
{
	struct stat status;

	return durable_status(maildir, "dovecot-uidlist", &status) == 0 ||
	    errno != ENOENT;
}

enum store_error
maildir_mark_removed(int maildir)
{
	int file = durable_create(maildir, MAILDIR_REMOVED_MARK);

	if (file != -1)
		durable_close(file);
	else if (errno != EEXIST)
		return store_error_from(errno);
	return durable_sync(maildir) == -1 ? store_error_from(errno) : STORE_OK;
}

enum store_error
maildir_remove(struct mail_root *root, const struct address *address)
{
	enum store_error error;
	int mail, domain;

	error = root_part(root, ROOT_MAIL, &mail);
	if (error == STORE_OK)
		error = open_directory(mail, address->domain, &domain);
	if (error == STORE_OK) {
		error = tree_discard(domain, address->local, mail);
		durable_close(domain);
	}
	if (error == STORE_OK)          /* fails where Maildirs are left */
		(void)durable_remove_directory(mail, address->domain);
	return error == STORE_NOT_FOUND ? STORE_OK : error;
}

/* Removes a Maildir that has the MAILDIR_REMOVED_MARK, unless who has set it is at work. */
static enum store_error
remove_marked(struct mail_root *root, const struct address *address,
    int maildir)
{
	enum store_error error;
	struct stat status;
	int lock;

	if (durable_status(maildir, MAILDIR_REMOVED_MARK, &status) == -1)
		return errno == ENOENT ? STORE_OK : store_error_from(errno);
	error = lock_take(maildir, &lock);
	if (error == STORE_OK) {
		error = maildir_remove(root, address);
		durable_close(lock);
	}
	return error;
}

enum store_error
maildir_finish_removal(struct mail_root *root, const struct address *address)
{
	enum store_error error;
	int maildir;

	error = maildir_open(root, address, false, &maildir);
	if (error != STORE_OK)
		return error == STORE_NOT_FOUND ? STORE_OK : error;
	error = remove_marked(root, address, maildir);
	durable_close(maildir);
	return error;
}

static bool
is_name_octet(char octet)
{
	return octet > 0x20 && octet < 0x7f && octet != '/' && octet != ':' &&
	    octet != ',';
}

int
maildir_message_id(char id[MESSAGE_ID_SIZE], uint32_t microseconds)
{
	static const char digits[] = "0123456789abcdef";
	int i;

	for (i = 4; i >= 0; i--) {
		id[i] = digits[microseconds & 15];
		microseconds >>= 4;
	}
	return random_name(id + 5);
}

void
maildir_base_name(char name[BASE_NAME_OCTETS_MAX + 1], int64_t seconds,
    const char id[MESSAGE_ID_SIZE], const char *host)
{
	struct text text;

	text_init(&text, name, BASE_NAME_OCTETS_MAX + 1);
	text_add_number(&text, seconds < 0 ? 0 : (uint64_t)seconds);
	text_add_octet(&text, '.');
	text_add(&text, id);
	text_add_octet(&text, '.');
	for (; *host != '\0'; host++)
		text_add_octet(&text, is_name_octet(*host) ? *host : '_');
}

void
maildir_message_name(char name[MESSAGE_NAME_SIZE], const char *base,
    const struct message_sizes *sizes)
{
	struct text text;

	text_init(&text, name, MESSAGE_NAME_SIZE);
	text_add(&text, base);
	text_add(&text, ",S=");
	text_add_number(&text, sizes->disk);
	text_add(&text, ",W=");
	text_add_number(&text, sizes->wire);
}

size_t
maildir_base_length(const char *name)
{
	size_t length = 0;

	/* By hand: strcspn(3) makes a table of the two first. */
	while (name[length] != '\0' && name[length] != ',' &&
	    name[length] != ':')
		length++;
	return length;
}

int
maildir_compare_bases(const char *a, const char *b)
{
	size_t a_length = maildir_base_length(a);
	size_t b_length = maildir_base_length(b);
	int order = memcmp(a, b, a_length < b_length ? a_length : b_length);

	if (order != 0)
		return order;
	return (a_length > b_length) - (a_length < b_length);
}

/*
 * Finds the field ",<letter>=<digits>" among those behind a base name, before
 * the ":".  False where there is none; its value is UINT64_MAX where it is no
 * number.
 */
static bool
find_field(const char *field, char letter, uint64_t *value)
{
	while (*field == ',') {
		size_t length = maildir_base_length(++field);

		if (length > 2 && field[0] == letter && field[1] == '=') {
			if (!text_to_number(field + 2, length - 2, value))
				*value = UINT64_MAX;
			return true;
		}
		field += length;
	}
	return false;
}

bool
maildir_sizes_in(const char *name, struct message_sizes *sizes)
{
	const char *fields = name + maildir_base_length(name);

	return find_field(fields, 'S', &sizes->disk) &&
	    find_field(fields, 'W', &sizes->wire) &&
	    sizes->disk != UINT64_MAX && sizes->wire != UINT64_MAX;
}

bool
maildir_name_with_sizes(char to[MESSAGE_NAME_SIZE], const char *name,
    const struct message_sizes *sizes)
{
	const char *fields = name + maildir_base_length(name);
	size_t flags = strcspn(name, ":");
	uint64_t said;
	struct text text;

	text_init(&text, to, MESSAGE_NAME_SIZE);
	text_add_octets(&text, name, flags);
	if (!find_field(fields, 'S', &said)) {
		text_add(&text, ",S=");
		text_add_number(&text, sizes->disk);
	} else if (said != sizes->disk)
		return false;
	if (!find_field(fields, 'W', &said)) {
		text_add(&text, ",W=");
		text_add_number(&text, sizes->wire);
	} else if (said != sizes->wire)
		return false;
	text_add(&text, name + flags);
	return !text.cut;
}

bool
maildir_name_corrected(char to[MESSAGE_NAME_SIZE], const char *name,
    const struct message_sizes *sizes)
{
	const char *field = name + maildir_base_length(name);
	struct text text;

	text_init(&text, to, MESSAGE_NAME_SIZE);
	text_add_octets(&text, name, (size_t)(field - name));
	while (*field == ',') {
		size_t length = 1 + strcspn(field + 1, ",:");

		if (strncmp(field, ",S=", 3) == 0 ||
		    strncmp(field, ",W=", 3) == 0) {
			text_add_octets(&text, field, 3);
			text_add_number(&text, field[1] == 'S' ? sizes->disk :
			    sizes->wire);
		} else
			text_add_octets(&text, field, length);
		field += length;
	}
	text_add(&text, field);
	return !text.cut;
}

void
wire_count_init(struct wire_count *count)
{
	count->sizes.disk = count->sizes.wire = 0;
	count->last = '\0';
}

void
wire_count_add(struct wire_count *count, const char *octets, size_t length)
{
	const char *at = octets, *end = octets + length, *lf;

	if (length == 0)
		return;
	count->sizes.disk += length;
	count->sizes.wire += length;
	while ((lf = memchr(at, '\n', (size_t)(end - at))) != NULL) {
		if ((lf == octets ? count->last : lf[-1]) != '\r')
			count->sizes.wire++;
		at = lf + 1;
	}
	count->last = end[-1];
}

struct message_sizes
wire_count_end(const struct wire_count *count)
{
	struct message_sizes sizes = count->sizes;

	if (sizes.disk > 0 && count->last != '\n')
		sizes.wire += 2;
	return sizes;
}

enum store_error
maildir_count(int file, struct message_sizes *sizes)
{
	struct wire_count count;
	char buffer[32768];
	ssize_t got;

	wire_count_init(&count);
	while ((got = durable_read(file, buffer, sizeof buffer)) > 0)
		wire_count_add(&count, buffer, (size_t)got);
	if (got == -1)
		return store_error_from(errno);
	*sizes = wire_count_end(&count);
	return STORE_OK;
}
