/* Parameters of MAIL and RCPT: their form, and the values of those known. */
#include "smtp-stdio/parameters.h"

#include "tests/lib/check.h"

#define OK PARAMETERS_OK
#define MALFORMED PARAMETERS_MALFORMED
#define UNKNOWN PARAMETERS_UNKNOWN

static const struct {
	const char *text;
	enum parameter_status status;
	bool has_size;
	uint64_t size;
	bool has_body;
} mail[] = {
	{ "", OK, false, 0, false },
	{ " ", OK, false, 0, false },
	{ "   ", OK, false, 0, false },
	{ " SIZE=1", OK, true, 1, false },
	{ " SIZE=0", OK, true, 0, false },
	{ " size=52428800", OK, true, 52428800, false },
	{ " Size=00000000000000000007", OK, true, 7, false },
	{ " SIZE=18446744073709551615", OK, true, UINT64_MAX, false },
	{ " SIZE=18446744073709551616", OK, true, UINT64_MAX, false },
	{ " SIZE=99999999999999999999", OK, true, UINT64_MAX, false },
	{ " BODY=7BIT", OK, false, 0, true },
	{ " BODY=8BITMIME", OK, false, 0, true },
	{ " body=8bitmime", OK, false, 0, true },
	{ " SIZE=1 BODY=7BIT", OK, true, 1, true },
	{ " BODY=7BIT SIZE=1", OK, true, 1, true },
	{ "   SIZE=1   BODY=7BIT   ", OK, true, 1, true },

	{ " SIZE", MALFORMED, false, 0, false },
	{ " SIZE=", MALFORMED, false, 0, false },
	{ " SIZE =1", MALFORMED, false, 0, false },
	{ " SIZE= 1", MALFORMED, false, 0, false },
	{ " SIZE=-1", MALFORMED, false, 0, false },
	{ " SIZE=+1", MALFORMED, false, 0, false },
	{ " SIZE=1k", MALFORMED, false, 0, false },
	{ " SIZE=0x10", MALFORMED, false, 0, false },
	{ " SIZE=1.5", MALFORMED, false, 0, false },
	{ " SIZE=many", MALFORMED, false, 0, false },
	{ " SIZE=100000000000000000000", MALFORMED, false, 0, false },
	{ " SIZE=000000000000000000001", MALFORMED, false, 0, false },
	{ " SIZE=1=1", MALFORMED, false, 0, false },
	{ " SIZE==1", MALFORMED, false, 0, false },
	{ " SIZE=1 SIZE=1", MALFORMED, false, 0, false },
	{ " SIZE=1 BODY=7BIT size=2", MALFORMED, false, 0, false },
	{ " SIZE=1\t", MALFORMED, false, 0, false },
	{ " SIZE=1\xb2", MALFORMED, false, 0, false },
	{ " BODY", MALFORMED, false, 0, false },
	{ " BODY=", MALFORMED, false, 0, false },
	{ " BODY=8BIT", MALFORMED, false, 0, false },
	{ " BODY=7BITX", MALFORMED, false, 0, false },
	{ " BODY=BINARYMIME", UNKNOWN, false, 0, false },
	{ " body=binarymime", UNKNOWN, false, 0, false },
	{ " BODY=7BIT BODY=7BIT", MALFORMED, false, 0, false },
	{ " BODY=7BIT BODY=BINARYMIME", MALFORMED, false, 0, false },

	{ " X", UNKNOWN, false, 0, false },
	{ " X=y", UNKNOWN, false, 0, false },
	{ " X-9=!~", UNKNOWN, false, 0, false },
	{ " 9", UNKNOWN, false, 0, false },
	{ " SIZES=1", UNKNOWN, false, 0, false },
	{ " SIZ=1", UNKNOWN, false, 0, false },
	{ " AUTH=<>", UNKNOWN, false, 0, false },
	{ " SMTPUTF8", UNKNOWN, false, 0, false },
	{ " RET=FULL", UNKNOWN, false, 0, false },
	{ " SIZE=1 X=y", UNKNOWN, false, 0, false },

	{ " =", MALFORMED, false, 0, false },
	{ " =1", MALFORMED, false, 0, false },
	{ " -X=1", MALFORMED, false, 0, false },
	{ " X_Y=1", MALFORMED, false, 0, false },
	{ " X.Y", MALFORMED, false, 0, false },
	{ " X=", MALFORMED, false, 0, false },
	{ " X=a=b", MALFORMED, false, 0, false },
	{ " X=a\001", MALFORMED, false, 0, false },
	{ " X=\x7f", MALFORMED, false, 0, false },
	{ " X=\xc3\xa9", MALFORMED, false, 0, false },
	{ " \xc3\xa9=1", MALFORMED, false, 0, false },
	{ " <x@y>", MALFORMED, false, 0, false },
	{ " SIZE=1,BODY=7BIT", MALFORMED, false, 0, false },
	{ "\tSIZE=1", MALFORMED, false, 0, false },
	{ " SIZE=1\tBODY=7BIT", MALFORMED, false, 0, false },
};

static const char *const statuses[] = {
	[PARAMETERS_OK] = "taken",
	[PARAMETERS_MALFORMED] = "malformed",
	[PARAMETERS_UNKNOWN] = "unknown"
};

static void
test_mail(void)
{
	struct mail_parameters parameters;
	size_t i;

	for (i = 0; i < COUNT(mail); i++) {
		enum parameter_status status = mail_parameters_parse(
		    &parameters, mail[i].text);

		CHECK(status == mail[i].status && (status != OK ||
		    (parameters.has_size == mail[i].has_size &&
		    parameters.size == mail[i].size &&
		    parameters.has_body == mail[i].has_body)),
		    "MAIL: \"%s\" is %s",
		    shown(mail[i].text, strlen(mail[i].text)),
		    statuses[mail[i].status]); /* smtp-5321-4.1.2-a */
	}
}

static void
test_rcpt(void)
{
	static const struct {
		const char *text;
		enum parameter_status status;
	} rcpt[] = {
		{ "", OK }, { "  ", OK }, { " NOTIFY=NEVER", UNKNOWN },
		{ " X", UNKNOWN }, { " SIZE=1", UNKNOWN }, { " =", MALFORMED },
		{ " X=", MALFORMED }, { " -X", MALFORMED },
		{ " <x@y>", MALFORMED }, { "\tX", MALFORMED },
		{ " X=\xc3\xa9", MALFORMED },
	};
	size_t i;

	for (i = 0; i < COUNT(rcpt); i++)
		CHECK(rcpt_parameters_parse(rcpt[i].text) == rcpt[i].status,
		    "RCPT: \"%s\" is %s",
		    shown(rcpt[i].text, strlen(rcpt[i].text)),
		    statuses[rcpt[i].status]); /* smtp-5321-4.1.2-a */
}

int
main(void)
{
	test_mail();
	test_rcpt();
	return check_end();
}
