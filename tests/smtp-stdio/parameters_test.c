/* Parameters of MAIL and RCPT: their form, and the values of those known. */
#include "smtp-stdio/parameters.h"

#include "smtp-stdio/keywords.h"
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
	{ " AUTH=<>", OK, false, 0, false },
	{ " SMTPUTF8", OK, false, 0, false },
	{ " smtputf8 SIZE=3", OK, true, 3, false },
	{ " SMTPUTF8=1", MALFORMED, false, 0, false },
	{ " SMTPUTF8=", MALFORMED, false, 0, false },
	{ " SMTPUTF8 SMTPUTF8", MALFORMED, false, 0, false },
	{ " SMTPUTF", UNKNOWN, false, 0, false },
	{ " BODY=8BITMIME SMTPUTF8", OK, false, 0, true },
	{ " RET=FULL", OK, false, 0, false },
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

/* Nothing is left out; the message is in ASCII. */
static const struct parameter_terms all;

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
		enum parameter_status status = mail_parameters_parse(&parameters, &all, mail[i].text);

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
		{ "", OK }, { "  ", OK }, { " NOTIFY=NEVER", OK },
		{ " NOTIFY=NEVER ORCPT=rfc822;x", OK },
		{ " NOTIFY=NEVER NOTIFY=NEVER", MALFORMED },
		{ " ORCPT=a;x ORCPT=a;x", MALFORMED },
		{ " NOTIFY", MALFORMED }, { " ORCPT", MALFORMED },
		{ " X", UNKNOWN }, { " SIZE=1", UNKNOWN }, { " =", MALFORMED },
		{ " X=", MALFORMED }, { " -X", MALFORMED },
		{ " <x@y>", MALFORMED }, { "\tX", MALFORMED },
		{ " X=\xc3\xa9", MALFORMED },
	};
	struct rcpt_parameters parameters;
	size_t i;

	for (i = 0; i < COUNT(rcpt); i++)
		CHECK(rcpt_parameters_parse(&parameters, &all, rcpt[i].text) ==
		    rcpt[i].status,
		    "RCPT: \"%s\" is %s",
		    shown(rcpt[i].text, strlen(rcpt[i].text)),
		    statuses[rcpt[i].status]); /* smtp-5321-4.1.2-a */
}

/* RFC 3461 section 4.1: what each value of NOTIFY means. */
static void
test_notify(void)
{
	static const struct {
		const char *value;
		enum parameter_status status;
		unsigned notify;
	} cases[] = {
		{ "NEVER", OK, NOTIFY_NEVER },
		{ "never", OK, NOTIFY_NEVER },
		{ "SUCCESS", OK, NOTIFY_SUCCESS },
		{ "Success,FAILURE", OK, NOTIFY_SUCCESS | NOTIFY_FAILURE },
		{ "SUCCESS,FAILURE,DELAY", OK,
		  NOTIFY_SUCCESS | NOTIFY_FAILURE | NOTIFY_DELAY },
		{ "DELAY,DELAY", OK, NOTIFY_DELAY },
		{ ",DELAY,", OK, NOTIFY_DELAY },
		{ "FAILURE,,DELAY", OK, NOTIFY_FAILURE | NOTIFY_DELAY },
		{ "NEVER,SUCCESS", MALFORMED, 0 },
		{ "SUCCESS,NEVER", MALFORMED, 0 },
		{ "NEVER,NEVER", MALFORMED, 0 },
		{ "NEVER,", MALFORMED, 0 },
		{ ",", MALFORMED, 0 },
		{ "ALWAYS", MALFORMED, 0 },
		{ "SUCCESS,ALWAYS", MALFORMED, 0 },
		{ "SUCCES", MALFORMED, 0 },
		{ "SUCCESS;FAILURE", MALFORMED, 0 },
	};
	size_t i;

	for (i = 0; i < COUNT(cases); i++) {
		struct rcpt_parameters parameters;
		char text[64];

		(void)snprintf(text, sizeof text, " NOTIFY=%s",
		    cases[i].value);
		CHECK(rcpt_parameters_parse(&parameters, &all, text) ==
		    cases[i].status, "%s: taken or not", text);
		CHECK(cases[i].status != OK ||
		    parameters.notify == cases[i].notify, "%s: what it means",
		    text);
	}
}

/* ORCPT, ENVID, RET and AUTH, and what they are when decoded. */
static void
test_xtext(void)
{
	static const struct {
		const char *text;
		const char *decoded;            /* NULL: malformed */
	} rcpt[] = {
		{ " ORCPT=rfc822;bob+40example.com", "rfc822;bob@example.com" },
		{ " ORCPT=rfc822;bob@example.com", "rfc822;bob@example.com" },
		{ " ORCPT=x-unknown;+2B+3D", "x-unknown;+=" },
		{ " ORCPT=a;", "a;" },
		{ " ORCPT=a;;", "a;;" },
		{ " ORCPT=;x", NULL },
		{ " ORCPT=rfc822", NULL },
		{ " ORCPT=a(b;x", NULL },
		{ " ORCPT=a;+4", NULL },
		{ " ORCPT=a;+4g", NULL },
		{ " ORCPT=a;+3d", NULL },       /* smtp-3461-4-b */
		{ " ORCPT=a;+0A", NULL },
		{ " ORCPT=a;+00", NULL },
		{ " ORCPT=a;+7F", NULL },
	}, envids[] = {
		{ " ENVID=QQ314159", "QQ314159" },
		{ " ENVID=a+20b", "a b" },
		{ " ENVID=+2B+3D", "+=" },
		{ " ENVID=", NULL },
		{ " ENVID", NULL },
		{ " ENVID=a+2", NULL },
		{ " ENVID=a+2x", NULL },
		{ " ENVID=a+3d", NULL },
		{ " ENVID=a+09", NULL },
		{ " ENVID=a+C3+A9", NULL },
		{ " ENVID=a ENVID=b", NULL },
	};
	struct rcpt_parameters of_rcpt;
	struct mail_parameters of_mail;
	size_t i;

	for (i = 0; i < COUNT(rcpt); i++) {
		enum parameter_status status =
		    rcpt_parameters_parse(&of_rcpt, &all, rcpt[i].text);

		CHECK(rcpt[i].decoded == NULL ? status == MALFORMED :
		    status == OK &&
		    strcmp(of_rcpt.original, rcpt[i].decoded) == 0,
		    "%s", rcpt[i].text);
	}
	for (i = 0; i < COUNT(envids); i++) {
		enum parameter_status status =
		    mail_parameters_parse(&of_mail, &all, envids[i].text);

		CHECK(envids[i].decoded == NULL ? status == MALFORMED :
		    status == OK &&
		    strcmp(of_mail.envelope_id, envids[i].decoded) == 0,
		    "%s", envids[i].text);
	}
}

/* So long, with the keyword, and no longer. */
static void
test_lengths(void)
{
	struct rcpt_parameters of_rcpt;
	struct mail_parameters of_mail;
	char text[1024];

	(void)snprintf(text, sizeof text, " ENVID=%0*d", 94, 0);
	CHECK(mail_parameters_parse(&of_mail, &all, text) == OK &&
	    strlen(of_mail.envelope_id) == 94, "100 octets of ENVID");
	(void)snprintf(text, sizeof text, " ENVID=%0*d", 95, 0);
	CHECK(mail_parameters_parse(&of_mail, &all, text) == MALFORMED,
	    "101 octets of ENVID");
	(void)snprintf(text, sizeof text, " ORCPT=a;%0*d", 492, 0);
	CHECK(rcpt_parameters_parse(&of_rcpt, &all, text) == OK &&
	    strlen(of_rcpt.original) == 494, "500 octets of ORCPT");
	(void)snprintf(text, sizeof text, " ORCPT=a;%0*d", 493, 0);
	CHECK(rcpt_parameters_parse(&of_rcpt, &all, text) == MALFORMED,
	    "501 octets of ORCPT");
}

static void
test_auth_and_ret(void)
{
	static const struct {
		const char *text;
		enum parameter_status status;
	} cases[] = {
		{ " AUTH=<>", OK },
		{ " AUTH=+3C+3E", OK },
		{ " AUTH=bob@example.com", OK },
		{ " AUTH=e+3Dmc2@example.com", OK },
		{ " AUTH=bob+40example.com", OK },
		{ " auth=bob@[192.0.2.1]", OK },
		{ " AUTH", MALFORMED },
		{ " AUTH=", MALFORMED },
		{ " AUTH=bob", MALFORMED },
		{ " AUTH=<bob@example.com>", MALFORMED },
		{ " AUTH=@a:bob@example.com", MALFORMED },
		{ " AUTH=bob@example.com>", MALFORMED },
		{ " AUTH=bob@", MALFORMED },
		{ " AUTH=e+3dmc2@example.com", MALFORMED },
		{ " AUTH=bob+20jones@example.com", MALFORMED },
		{ " AUTH=<> AUTH=<>", MALFORMED },
		{ " RET=FULL", OK },
		{ " ret=hdrs", OK },
		{ " RET=", MALFORMED },
		{ " RET", MALFORMED },
		{ " RET=BODY", MALFORMED },
		{ " RET=FULL RET=FULL", MALFORMED },
		{ " RET=HDRS ENVID=x SIZE=1 BODY=7BIT AUTH=<>", OK },
	};
	struct mail_parameters parameters;
	size_t i;

	for (i = 0; i < COUNT(cases); i++)
		CHECK(mail_parameters_parse(&parameters, &all, cases[i].text) ==
		    cases[i].status, "%s", cases[i].text);
	CHECK(mail_parameters_parse(&parameters, &all, " RET=HDRS") == OK &&
	    parameters.returned == RETURN_HEADERS, "RET=HDRS is remembered");
}

/* RFC 6531 section 3.4 and RFC 6533 section 3. */
static void
test_utf8(void)
{
	static const struct {
		const char *text;
		bool raw;               /* taken after MAIL with SMTPUTF8 */
		bool ascii;             /* and without */
	} cases[] = {
		{ "utf-8;bob@example.com", true, true },
		{ "UTF-8;\\x{E9}@example.com", true, true },
		{ "utf-8;a\\x{2B}b@example.com", true, true },
		{ "utf-8;\\x{1F4E8}\\x{10FFFF}", true, true },
		{ "utf-8;", false, false },
		{ "utf-8;Ren\xc3\xa9@example.com", true, false },
		{ "utf-8;\xf0\x9f\x93\xa8", true, false },
		{ "utf-8;a+b", false, false },
		{ "utf-8;a+2Bb", false, false },
		{ "utf-8;a\\b", false, false },
		{ "utf-8;\\x{}", false, false },
		{ "utf-8;\\x{9}", false, false },
		{ "utf-8;\\x{0A}", false, false },
		{ "utf-8;\\x{7F}", false, false },
		{ "utf-8;\\x{85}", false, false },
		{ "utf-8;\\x{e9}", false, false },
		{ "utf-8;\\x{D800}", false, false },
		{ "utf-8;\\x{DFFF}", false, false },
		{ "utf-8;\\x{110000}", false, false },
		{ "utf-8;\\x{00000E9}", false, false },
		{ "utf-8;\\x{E9", false, false },
		{ "utf-8;\\x", false, false },
		{ "utf-8;\\X{E9}", false, false },
		{ "utf-8;\xc2\x85", false, false },
		{ "utf-8;\xe9", false, false },
		{ "rfc822;\xc3\xa9", false, false },
		{ "utf-\xc3\xa9;x", false, false },
	};
	struct parameter_terms terms = { 0, true };
	struct rcpt_parameters parameters;
	struct mail_parameters of_mail;
	char text[64];
	size_t i;

	CHECK(mail_parameters_parse(&of_mail, &all, " SMTPUTF8") == OK &&
	    of_mail.has_utf8, "SMTPUTF8 is remembered");
	CHECK(mail_parameters_parse(&of_mail, &all, "") == OK &&
	    !of_mail.has_utf8, "and is not there by itself");
	CHECK(mail_parameters_parse(&of_mail, &terms, " ENVID=\xc3\xa9") ==
	    MALFORMED, "no parameter of MAIL is beyond ASCII");
	for (i = 0; i < COUNT(cases); i++) {
		const char *shown_text = shown(cases[i].text,
		    strlen(cases[i].text));

		(void)snprintf(text, sizeof text, " ORCPT=%s", cases[i].text);
		CHECK((rcpt_parameters_parse(&parameters, &terms, text) == OK)
		    == cases[i].raw && (!cases[i].raw ||
		    strcmp(parameters.original, cases[i].text) == 0),
		    "ORCPT=%s, after SMTPUTF8: %s", shown_text,
		    cases[i].raw ? "kept as it is" : "malformed");
		CHECK((rcpt_parameters_parse(&parameters, &all, text) == OK) ==
		    cases[i].ascii, "ORCPT=%s, in ASCII: %s", shown_text,
		    cases[i].ascii ? "taken" : "malformed");
	}
}

/* -X: what a keyword names is not known without it. */
static void
test_left_out(void)
{
	static const struct {
		const char *text;
		uint32_t keyword;
		bool of_rcpt;
	} cases[] = {
		{ " SIZE=1", KEYWORD_SIZE, false },
		{ " SIZE=x", KEYWORD_SIZE, false },
		{ " BODY=7BIT", KEYWORD_8BITMIME, false },
		{ " body=8BITMIME", KEYWORD_8BITMIME, false },
		{ " AUTH=<>", KEYWORD_AUTH, false },
		{ " SMTPUTF8", KEYWORD_SMTPUTF8, false },
		{ " RET=FULL", KEYWORD_DSN, false },
		{ " ENVID=x", KEYWORD_DSN, false },
		{ " NOTIFY=NEVER", KEYWORD_DSN, true },
		{ " ORCPT=rfc822;x", KEYWORD_DSN, true },
		{ " ORCPT=utf-8;x", KEYWORD_DSN, true },
	};
	struct mail_parameters of_mail;
	struct rcpt_parameters of_rcpt;
	size_t i;

	for (i = 0; i < COUNT(cases); i++) {
		struct parameter_terms without = { cases[i].keyword, true };
		struct parameter_terms others = { ~cases[i].keyword, true };
		const char *text = cases[i].text;

		CHECK((cases[i].of_rcpt ?
		    rcpt_parameters_parse(&of_rcpt, &without, text) :
		    mail_parameters_parse(&of_mail, &without, text)) ==
		    UNKNOWN, "\"%s\" is not known when its keyword is left "
		    "out", text);
		CHECK((cases[i].of_rcpt ?
		    rcpt_parameters_parse(&of_rcpt, &others, text) :
		    mail_parameters_parse(&of_mail, &others, text)) !=
		    UNKNOWN, "\"%s\" is known when all the others are", text);
	}
}

int
main(void)
{
	test_mail();
	test_rcpt();
	test_notify();
	test_xtext();
	test_lengths();
	test_auth_and_ret();
	test_utf8();
	test_left_out();
	return check_end();
}
