/* Mechanisms by name; see sasl.h. */
#include "stdio/sasl.h"

#include <stddef.h>
#include <string.h>

#include "store/base64.h"
#include "store/random.h"

static const struct {
	enum sasl_mechanism mechanism;
	const char *name;
} mechanisms[] = {
	{ SASL_SCRAM_SHA_256, "SCRAM-SHA-256" },
	{ SASL_PLAIN, "PLAIN" },
	{ SASL_LOGIN, "LOGIN" },
};

#define MECHANISMS (sizeof mechanisms / sizeof mechanisms[0])

enum sasl_mechanism
sasl_mechanism_find(const char *name)
{
	size_t i;

	for (i = 0; i < MECHANISMS; i++)
		if (text_equal_folded(name, strlen(name), mechanisms[i].name,
		    strlen(mechanisms[i].name)))
			return mechanisms[i].mechanism;
	return SASL_NONE;
}

bool
sasl_sends_password(enum sasl_mechanism mechanism)
{
	return mechanism == SASL_PLAIN || mechanism == SASL_LOGIN;
}

void
sasl_list(struct text *list, bool scram, bool passwords)
{
	size_t i;

	for (i = 0; i < MECHANISMS; i++)
		if (sasl_sends_password(mechanisms[i].mechanism) ? passwords :
		    scram) {
			text_add_octet(list, ' ');
			text_add(list, mechanisms[i].name);
		}
}

/* Whether a name is in a list, without case. */
static bool
is_in(const char *list, const char *name)
{
	while (*list != '\0') {
		size_t length = strcspn(list, " ");

		if (text_equal_folded(list, length, name, strlen(name)))
			return true;
		list += length + (list[length] == ' ');
	}
	return false;
}

enum sasl_mechanism
sasl_choose(const char *list, bool passwords)
{
	size_t i;

	for (i = 0; i < MECHANISMS; i++)
		if (is_in(list, mechanisms[i].name) && (passwords ||
		    !sasl_sends_password(mechanisms[i].mechanism)))
			return mechanisms[i].mechanism;
	return SASL_NONE;
}

const char *
sasl_mechanism_name(enum sasl_mechanism mechanism)
{
	size_t i;

	for (i = 0; i < MECHANISMS; i++)
		if (mechanisms[i].mechanism == mechanism)
			return mechanisms[i].name;
	return "";
}

bool
sasl_nonce(char nonce[SASL_NONCE_SIZE])
{
	unsigned char octets[18];
	struct text text;

	if (random_octets(octets, sizeof octets) == -1)
		return false;
	text_init(&text, nonce, SASL_NONCE_SIZE);
	base64_encode(&text, octets, sizeof octets);
	return true;
}
