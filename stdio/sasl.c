/* Mechanisms by name; see sasl.h. */
#include "stdio/sasl.h"

#include <stddef.h>
#include <string.h>

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
