/* Where reports go; see report.h. */
#include "smtp-stdio/report.h"

#include <errno.h>
#include <string.h>

#include "smtp-stdio/path.h"
#include "stdio/log.h"
#include "store/account.h"
#include "store/text.h"

enum store_error
report_find_sender(struct mail_root *root, const char *reverse_path,
    struct address *account)
{
	char text[PATH_OCTETS_MAX + 3];
	struct address address;
	struct text brackets;
	const char *rest;
	struct path path;

	text_init(&brackets, text, sizeof text);
	text_add_octet(&brackets, '<');
	text_add(&brackets, reverse_path);
	text_add_octet(&brackets, '>');
	if (!path_parse(&path, text, &rest) || path.domain == NULL ||
	    path.literal || !address_set(&address, path.local,
	    path.local_length, path.domain, strlen(path.domain)))
		return STORE_NOT_HOSTED;
	return account_resolve(root, &address, false, account);
}

/* Where the mail of an account goes; its own mailbox, if that is nowhere. */
static enum store_error
expand(struct expansion *expansion, struct mail_root *root,
    const struct address *account)
{
	enum store_error error = expansion_add(expansion, root, account, NULL);

	return error == STORE_NOT_FOUND ?
	    expansion_add_mailbox(expansion, account) : error;
}

/*
 * Fills in the report's own envelope, from the null sender; no recipient is
 * there where nobody is to be told.  *domain is what it comes from.
 */
static enum store_error
address_report(struct report *report, struct mail_root *root,
    const struct dsn *dsn, struct address *account, const char **domain)
{
	static const struct expansion_mark start;
	struct rcpt_parameters parameters = {
		.notify = NOTIFY_NEVER, .kept = "NOTIFY=NEVER"
	};
	struct expansion *expansion = &report->envelope.expansion;
	enum store_error error;

	*domain = dsn->hostname;
	if (dsn->reverse_path[0] == '\0')
		return STORE_OK;
	error = report_find_sender(root, dsn->reverse_path, account);
	if (error == STORE_NOT_FOUND)
		return STORE_OK;
	if (error == STORE_OK) {
		*domain = account->domain;
		error = expand(expansion, root, account);
	} else if (error == STORE_NOT_HOSTED)
		error = expansion_add_remote(expansion, dsn->reverse_path);
	if (error == STORE_OK && !envelope_add(&report->envelope,
	    dsn->reverse_path, &parameters, &start))
		error = STORE_FULL;
	return error;
}

void
report_init(struct report *report)
{
	memset(report, 0, sizeof *report);
	report->delivery.file = -1;
}

enum store_error
report_write(struct report *report, struct mail_root *root,
    const struct dsn *dsn)
{
	struct address account;
	enum store_error error;
	const char *domain;

	report_init(report);
	error = address_report(report, root, dsn, &account, &domain);
	if (error != STORE_OK || report->envelope.count == 0)
		return error;
	error = delivery_begin(&report->delivery, root, dsn->hostname);
	if (error == STORE_OK)
		error = dsn_write(dsn, domain, &report->delivery);
	if (error == STORE_OK)          /* a forwarder's copy is read from it */
		error = delivery_flush(&report->delivery);
	if (error == STORE_OK)
		error = placing_begin(&report->placing, &report->delivery,
		    &report->envelope, dsn->hostname);
	return error;
}

static void
log_report(const struct report *report)
{
	size_t i;

	for (i = 0; i < report->placing.count; i++) {
		const struct placement *placement =
		    &report->placing.placements[i];
		const char *via =
		    placing_forwarder(&report->placing, placement);
		struct log_line line;

		log_begin(&line, LOG_IS_INFO, "report");
		log_text(&line, "id", report->delivery.id);
		log_text(&line, "to", placement->account);
		if (via != NULL)
			log_text(&line, "via", via);
		if (placement->remote != NULL)
			log_text(&line, "queued", placement->copy->outgoing.id);
		log_end(&line);
	}
}

enum store_error
report_place(struct report *report)
{
	enum store_error error;

	if (report->delivery.file == -1)
		return STORE_OK;
	error = placing_all(&report->placing);
	if (error == STORE_OK)
		log_report(report);
	return error;
}

void
report_end(struct report *report)
{
	int saved = errno;

	placing_end(&report->placing);
	delivery_end(&report->delivery);
	envelope_reset(&report->envelope);
	errno = saved;
}
