/* The PROXY protocol; see proxy.h.  Sections are those of its specification. */
#include "stdio/proxy.h"

#include <arpa/inet.h>
#include <string.h>

#include "store/text.h"

/* Section 2.1: with its CRLF. */
#define V1_OCTETS_MAX 107

/* Section 2.2: signature, version and command, family and protocol, length. */
static const char signature[] = "\r\n\r\n\0\r\nQUIT\n";
#define SIGNATURE_OCTETS (sizeof signature - 1)
#define V2_HEAD_OCTETS (SIGNATURE_OCTETS + 4)

/* Takes the word before the next space, and the space. */
static bool
take_word(const char **at, const char *end, const char **word, size_t *length)
{
	const char *space = memchr(*at, ' ', (size_t)(end - *at));

	*word = *at;
	*length = (size_t)((space == NULL ? end : space) - *at);
	*at = space == NULL ? end : space + 1;
	return *length > 0;
}

/* A decimal number as section 2.1 has it: no leading zero. */
static bool
is_number(const char *word, size_t length, uint64_t most)
{
	uint64_t number;

	return text_to_number(word, length, &number) && number <= most &&
	    (length == 1 || *word != '0');
}

/* An address of a family; inet_pton(3) takes no leading zeros in IPv4 ones. */
static bool
is_address(int family, const char *word, size_t length)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr address;        /* as large as any */

	if (length >= sizeof text || memchr(word, '\0', length) != NULL)
		return false;
	memcpy(text, word, length);
	text[length] = '\0';
	return inet_pton(family, text, &address) == 1;
}

/*
 * "PROXY" SP ( "TCP4" / "TCP6" ) SP source SP destination SP port SP port CRLF
 * "PROXY" SP "UNKNOWN" anything CRLF
 */
static bool
parse_line(const char *at, const char *end, struct peer *peer)
{
	static const char unknown[] = "UNKNOWN";
	int family = AF_UNSPEC;
	const char *word[5] = { NULL };
	size_t length[5] = { 0 }, i;

	if ((size_t)(end - at) >= sizeof unknown - 1 &&
	    memcmp(at, unknown, sizeof unknown - 1) == 0)
		return at + sizeof unknown - 1 == end ||
		    at[sizeof unknown - 1] == ' ';
	for (i = 0; i < 5; i++)
		if (!take_word(&at, end, &word[i], &length[i]))
			return false;
	if (at != end || end[-1] == ' ' || length[0] != 4)
		return false;
	if (memcmp(word[0], "TCP4", 4) == 0)
		family = AF_INET;
	else if (memcmp(word[0], "TCP6", 4) == 0)
		family = AF_INET6;
	return family != AF_UNSPEC &&
	    is_address(family, word[1], length[1]) &&
	    is_address(family, word[2], length[2]) &&
	    is_number(word[3], length[3], 65535) &&
	    is_number(word[4], length[4], 65535) &&
	    peer_set(peer, word[1], length[1], word[3], length[3]);
}

static enum proxy_status
parse_v1(const char *octets, size_t length, struct peer *peer,
    size_t *header_length)
{
	static const char start[] = "PROXY ";
	size_t head = length < sizeof start - 1 ? length : sizeof start - 1;
	const char *lf;

	if (memcmp(octets, start, head) != 0)
		return PROXY_MALFORMED;
	if (length > V1_OCTETS_MAX)
		length = V1_OCTETS_MAX;
	for (lf = octets; (lf = memchr(lf, '\n',
	    length - (size_t)(lf - octets))) != NULL; lf++) {
		if (lf == octets || lf[-1] != '\r')
			continue;
		*header_length = (size_t)(lf + 1 - octets);
		return lf - 1 >= octets + sizeof start - 1 &&
		    parse_line(octets + sizeof start - 1, lf - 1, peer) ?
		    PROXY_OK : PROXY_MALFORMED;
	}
	return length == V1_OCTETS_MAX ? PROXY_MALFORMED : PROXY_INCOMPLETE;
}

static size_t
take_16_bits(const char *octets)
{
	return (size_t)(unsigned char)octets[0] << 8 |
	    (unsigned char)octets[1];
}

/* The addresses of section 2.2: source, destination, and their ports. */
static bool
set_peer(struct peer *peer, int family, const char *addresses)
{
	size_t size = family == AF_INET ? 4 : 16;
	char address[INET6_ADDRSTRLEN], digits[TEXT_NUMBER_SIZE];
	struct text port;

	text_init(&port, digits, sizeof digits);
	text_add_number(&port, take_16_bits(addresses + 2 * size));
	return inet_ntop(family, addresses, address, sizeof address) != NULL &&
	    peer_set(peer, address, strlen(address), digits, port.length);
}

static enum proxy_status
parse_v2(const char *octets, size_t length, struct peer *peer,
    size_t *header_length)
{
	/* by family: unspecified, IPv4, IPv6, Unix */
	static const size_t sizes[] = { 0, 12, 36, 216 };
	size_t head = length < SIGNATURE_OCTETS ? length : SIGNATURE_OCTETS;
	unsigned version, command, family, protocol;
	size_t size, needed;

	if (memcmp(octets, signature, head) != 0)
		return PROXY_MALFORMED;
	if (length < V2_HEAD_OCTETS)
		return PROXY_INCOMPLETE;
	octets += SIGNATURE_OCTETS;
	version = (unsigned char)octets[0] >> 4;
	command = (unsigned char)octets[0] & 15;
	family = (unsigned char)octets[1] >> 4;
	protocol = (unsigned char)octets[1] & 15;
	size = take_16_bits(octets + 2);
	if (version != 2 || command > 1 || family > 3 || protocol > 2)
		return PROXY_MALFORMED;
	*header_length = V2_HEAD_OCTETS + size;
	if (command == 0)               /* LOCAL: the balancer itself */
		return PROXY_OK;
	needed = sizes[family];
	if (size < needed)
		return PROXY_MALFORMED;
	if (length < V2_HEAD_OCTETS + needed)
		return PROXY_INCOMPLETE;
	if (protocol == 1 && (family == 1 || family == 2) &&
	    !set_peer(peer, family == 1 ? AF_INET : AF_INET6, octets + 4))
		return PROXY_MALFORMED;
	return PROXY_OK;
}

enum proxy_status
proxy_parse(const char *octets, size_t length, struct peer *peer,
    size_t *header_length)
{
	if (length == 0)
		return PROXY_INCOMPLETE;
	return octets[0] == signature[0] ?
	    parse_v2(octets, length, peer, header_length) :
	    parse_v1(octets, length, peer, header_length);
}

/* Takes octets that mean nothing here; they may be more than are buffered. */
static enum read_status
skip(struct line_reader *in, struct deadline deadline, size_t octets)
{
	while (octets > 0) {
		enum read_status status;
		size_t length;
		char *fragment;

		status = line_reader_fragment(in, deadline, &fragment, &length);
		if (status != READ_LINE)
			return status;
		if (length > octets) {
			line_reader_put_back(in, length - octets);
			length = octets;
		}
		octets -= length;
	}
	return READ_LINE;
}

enum read_status
proxy_read(struct line_reader *in, struct deadline deadline, struct peer *peer)
{
	size_t length = 0, header_length;

	for (;;) {
		enum read_status status;
		const char *octets;

		status = line_reader_peek(in, length + 1, deadline, &octets,
		    &length);
		if (status != READ_LINE)
			return status;
		switch (proxy_parse(octets, length, peer, &header_length)) {
		case PROXY_OK:
			return skip(in, deadline, header_length);
		case PROXY_INCOMPLETE:
			break;
		case PROXY_MALFORMED:
			return READ_TOO_LONG;
		}
	}
}
