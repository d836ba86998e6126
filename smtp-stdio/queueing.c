/* Envelopes for other hosts; see queueing.h. */
#include "smtp-stdio/queueing.h"

#include <string.h>

#include "smtp-stdio/xtext.h"
#include "store/text.h"

bool
queueing_begin(struct outgoing *outgoing, const struct envelope *envelope,
    int64_t arrived, bool has_utf8)
{
	char buffer[sizeof envelope->parameters.kept + 16];
	struct text text;

	text_init(&text, buffer, sizeof buffer);
	text_add(&text, envelope->parameters.kept);
	if (has_utf8 && !envelope->parameters.has_utf8)
		text_add(&text, text.length > 0 ? " SMTPUTF8" : "SMTPUTF8");
	outgoing_init(outgoing, arrived);
	if (outgoing_set_sender(outgoing, envelope->reverse_path, buffer))
		return true;
	outgoing_free(outgoing);
	return false;
}

/* Appends a parameter, behind those that are there. */
static void
add_parameter(struct text *text, const char *parameter, size_t length)
{
	if (text->length > 0)
		text_add_octet(text, ' ');
	text_add_octets(text, parameter, length);
}

/*
 * RFC 3461 section 5.2.7.3: an address that has become several passes on all
 * that was asked for but SUCCESS, of which it reports itself.
 */
static void
add_notify(struct text *text, unsigned notify)
{
	static const struct {
		unsigned flag;
		const char *parameter;
	} words[] = {
		{ NOTIFY_FAILURE | NOTIFY_DELAY, "NOTIFY=FAILURE,DELAY" },
		{ NOTIFY_FAILURE,                "NOTIFY=FAILURE"       },
		{ NOTIFY_DELAY,                  "NOTIFY=DELAY"         },
		{ 0,                             "NOTIFY=NEVER"         },
	};
	unsigned left = notify & (NOTIFY_FAILURE | NOTIFY_DELAY);
	size_t i = 0;

	if (notify == 0)
		return;
	while (words[i].flag != left)
		i++;
	add_parameter(text, words[i].parameter, strlen(words[i].parameter));
}

/* ORCPT as it was given. */
static void
add_given_original(struct text *text, const char *parameters)
{
	static const char keyword[] = "ORCPT=";

	while (*parameters != '\0') {
		size_t length = strcspn(parameters, " ");

		if (length >= sizeof keyword - 1 &&
		    text_equal_folded(parameters, sizeof keyword - 1, keyword,
		    sizeof keyword - 1))
			add_parameter(text, parameters, length);
		parameters += length + (parameters[length] == ' ');
	}
}

/*
 * RFC 3461 section 5.2.7.2: whom the sender has written to, so that a report
 * can say it, where he has not said so himself.
 */
static void
add_own_original(struct text *text, const char *forward_path)
{
	char parameter[ORCPT_OCTETS_MAX + 1];
	struct text original;

	if (strchr(forward_path, '@') == NULL || !text_is_ascii(forward_path))
		return;
	text_init(&original, parameter, sizeof parameter);
	text_add(&original, "ORCPT=rfc822;");
	xtext_encode(&original, forward_path);
	if (!original.cut)
		add_parameter(text, parameter, original.length);
}

bool
queueing_add(struct outgoing *outgoing, const char *path,
    const struct recipient *recipient, bool is_forwarded)
{
	char buffer[PARAMETERS_SIZE + ORCPT_OCTETS_MAX + 32];
	struct text text;

	text_init(&text, buffer, sizeof buffer);
	if (is_forwarded && recipient_is_spread(recipient)) {
		add_notify(&text, recipient->notify);
		add_given_original(&text, recipient->parameters);
	} else
		text_add(&text, recipient->parameters);
	if (is_forwarded && recipient->original == NULL)
		add_own_original(&text, recipient->forward_path);
	return outgoing_add_recipient(outgoing, path, buffer);
}
