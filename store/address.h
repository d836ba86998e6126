/*
 * Mailbox names, local-part@domain, as the store knows them: two path
 * components that are safe to use as such, A-Z folded to a-z.
 *
 * Nothing that is not in a struct address ever becomes a path, so what these
 * functions refuse cannot reach the file system.
 */
#ifndef STORE_ADDRESS_H
#define STORE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

/* The longest path component that file systems take, in octets. */
#define ADDRESS_PART_MAX 255

/* Room for an address as one text: both parts, an @, a NUL. */
#define ADDRESS_TEXT_SIZE (2 * ADDRESS_PART_MAX + 2)

struct address {
	char local[ADDRESS_PART_MAX + 1];
	char domain[ADDRESS_PART_MAX + 1];
};

/*
 * Makes an address of a local-part (unquoted: the name itself) and a domain.
 * False, with *address as it was, where one of them is no safe name: empty,
 * longer than 255 octets, with a slash, a NUL, another control character or a
 * leading dot, or not well-formed UTF-8; or where the domain is none.
 */
bool address_set(struct address *address,
    const char *local, size_t local_length,
    const char *domain, size_t domain_length);

/* The same for a text such as a POP3 user name; its last @ parts the two. */
bool address_parse(struct address *address, const char *text, size_t length);

/* Replaces the local-part; false, and nothing changed, where it is not safe. */
bool address_set_local(struct address *address,
    const char *local, size_t length);

/* Writes local-part@domain and a NUL. */
void address_text(const struct address *address, char text[ADDRESS_TEXT_SIZE]);

/* Room for an address as a path: RFC 5321 section 4.5.3.1.3, and a NUL. */
#define ADDRESS_PATH_SIZE 255

/*
 * Writes an address, whose last @ parts the two, as SMTP has it: with the
 * local-part in quotes where it has to be.  False where that is too long.
 */
bool address_to_path(const char *text, char path[ADDRESS_PATH_SIZE]);

/*
 * atext = ALPHA / DIGIT / and these (RFC 5322 section 3.2.3), and with
 * RFC 6531 section 3.3 all that is not ASCII
 */
bool address_is_atext(char octet);

/*
 * Domain = sub-domain *("." sub-domain), RFC 5321 section 4.1.2: labels of
 * letters, digits and inner hyphens, at most 63 octets each and 255 in all.
 * More than the RFC: underscores, since hosts have such names, and octets from
 * 0x80 on (U-labels, RFC 6531 section 3.3), which the protocols allow or not.
 */
bool domain_is_valid(const char *domain, size_t length);

#endif
