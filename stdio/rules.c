/* Failures on order; see rules.h. */
#include "stdio/rules.h"

#include <string.h>

#include "store/text.h"

/* The greeting, or the end of a message. */
static bool
is_event(const char *text, size_t length)
{
	return length == 1 && (*text == '+' || *text == '.');
}

static bool
is_verb(const char *text, size_t length)
{
	size_t i;

	if (is_event(text, length))
		return true;
	for (i = 0; i < length; i++)
		if (text_fold(text[i]) < 'a' || text_fold(text[i]) > 'z')
			return false;
	return length > 0;
}

bool
rules_add(struct rules *rules, const char *text)
{
	struct rule *rule = &rules->rule[rules->count];
	const char *equals = strchr(text, '='), *slash, *at;

	if (equals == NULL || rules->count == RULES_MAX)
		return false;
	slash = memchr(text, '/', (size_t)(equals - text));
	rule->verb = text;
	rule->verb_length = (size_t)((slash == NULL ? equals : slash) - text);
	rule->use = 0;
	rule->reply = equals + 1;
	if (!is_verb(text, rule->verb_length))
		return false;
	if (slash != NULL && (!text_to_number(slash + 1,
	    (size_t)(equals - slash - 1), &rule->use) || rule->use == 0))
		return false;
	for (at = rule->reply; *at != '\0'; at++)
		if (text_is_control(*at))
			return false;
	rules->used[rules->count++] = 0;
	return true;
}

const char *
rules_apply(struct rules *rules, const char *verb)
{
	size_t length = strlen(verb), i;
	const char *reply = NULL;

	for (i = 0; i < rules->count; i++) {
		const struct rule *rule = &rules->rule[i];

		if (!text_equal_folded(rule->verb, rule->verb_length, verb,
		    length))
			continue;
		rules->used[i]++;
		if (reply == NULL &&
		    (rule->use == 0 || rule->use == rules->used[i]))
			reply = rule->reply;
	}
	return reply;
}

const char *
rules_apply_command(struct rules *rules, const char *verb)
{
	return is_event(verb, strlen(verb)) ? NULL : rules_apply(rules, verb);
}
