/*
 * Failures on order (-x): what is a rule, which of several is for a use of a
 * verb, and that the same uses always get the same.
 */
#include "stdio/rules.h"

#include "tests/lib/check.h"

static void
check_forms(void)
{
	static const struct {
		const char *text;
		bool good;
	} cases[] = {
		{ "RCPT=452 4.5.3 Too many", true },
		{ "RCPT/2=452 4.5.3 Too many", true },
		{ "rcpt=x", true },
		{ "X=", true },
		{ "XCLIENT=550 No", true },
		{ "RCPT=", true },
		{ "RCPT/2=", true },
		{ "+=421 Not now", true },
		{ "+/1=421 Not now", true },
		{ ".=451 4.3.0 Try later", true },
		{ "./3=", true },
		{ "RCPT/18446744073709551615=x", true },
		{ "RCPT/007=x", true },
		{ "RCPT= a blank in front", true },
		{ "RCPT=a=b/c", true },
		{ "RCPT=\xc3\xa9t\xc3\xa9", true },
		{ "", false },
		{ "=", false },
		{ "=550 No", false },
		{ "RCPT", false },
		{ "RCPT/2", false },
		{ "/2=550 No", false },
		{ "RCPT/=550 No", false },
		{ "RCPT/0=550 No", false },
		{ "RCPT/-1=550 No", false },
		{ "RCPT/+1=550 No", false },
		{ "RCPT/1 =550 No", false },
		{ "RCPT/two=550 No", false },
		{ "RCPT/1/2=550 No", false },
		{ "RCPT TO=550 No", false },
		{ " RCPT=550 No", false },
		{ "RCPT =550 No", false },
		{ "RCPT1=550 No", false },
		{ "R-CPT=550 No", false },
		{ "\xc3\xa9=550 No", false },
		{ "++=550 No", false },
		{ "..=550 No", false },
		{ "*=550 No", false },
		{ "RCPT=550 No\r\n250 OK", false },
		{ "RCPT=550 No\n", false },
		{ "RCPT=550\tNo", false },
		{ "RCPT=550 \x7f", false }
	};
	size_t i;

	for (i = 0; i < COUNT(cases); i++) {
		struct rules rules = { .count = 0 };

		CHECK(rules_add(&rules, cases[i].text) == cases[i].good &&
		    rules.count == (cases[i].good ? 1 : 0), "'%s' is %s rule",
		    shown(cases[i].text, strlen(cases[i].text)),
		    cases[i].good ? "a" : "no"); /* smtp-stdio-x */
	}
}

/*
 * Uses of verbs, and what each gets: "-" is no rule's reply, "" that of an
 * empty one.
 */
static void
check_uses(void)
{
	static const struct {
		const char *name;
		const char *rules[4];
		const char *uses[8];
		const char *replies[8];
	} cases[] = {
		{ "no rules", { NULL }, { "MAIL", "+", "." }, { "-", "-", "-" } },
		{ "each use", { "RCPT=r" },
		  { "MAIL", "RCPT", "RCPT", "DATA", "RCPT" },
		  { "-", "r", "r", "-", "r" } },
		{ "the first", { "RCPT/1=r" }, { "RCPT", "RCPT" }, { "r", "-" } },
		{ "the third", { "RCPT/3=r" },
		  { "RCPT", "MAIL", "RCPT", "RCPT", "RCPT" },
		  { "-", "-", "-", "r", "-" } },
		{ "in any letters", { "rcPT/2=r" },
		  { "rcpt", "RCPT", "Rcpt" }, { "-", "r", "-" } },
		{ "no beginning of a verb, and none that goes on", { "RCPT=r" },
		  { "RCP", "RCPTS", "", "RCPT" }, { "-", "-", "-", "r" } },
		{ "each verb for itself", { "A/2=a", "B/2=b" },
		  { "A", "B", "B", "A" }, { "-", "-", "b", "a" } },
		{ "several of one verb", { "A/1=1", "A/3=3" },
		  { "A", "A", "A", "A" }, { "1", "-", "3", "-" } },
		{ "the first that is given wins", { "A/2=2", "A=each" },
		  { "A", "A", "A" }, { "each", "2", "each" } },
		{ "each before one", { "A=each", "A/2=2" },
		  { "A", "A", "A" }, { "each", "each", "each" } },
		{ "two for one use", { "A/2=one", "A/2=other" },
		  { "A", "A", "A" }, { "-", "one", "-" } },
		{ "those that did not win have counted", { "A/1=1", "A/2=2" },
		  { "A", "A", "A" }, { "1", "2", "-" } },
		{ "an empty reply", { "A/2=" }, { "A", "A" }, { "-", "" } },
		{ "the greeting and the end of a message", { "+=g", "./2=e" },
		  { "+", ".", "." }, { "g", "-", "e" } },
		{ "verbs that nobody knows", { "XYZZY/2=x" },
		  { "XYZZY", "xyzzy", "XYZZY" }, { "-", "x", "-" } }
	};
	size_t i, j;

	for (i = 0; i < COUNT(cases); i++) {
		unsigned turn;

		for (turn = 1; turn <= 2; turn++) {
			struct rules rules = { .count = 0 };
			bool right = true;

			for (j = 0; j < 4 && cases[i].rules[j] != NULL; j++)
				right &= rules_add(&rules, cases[i].rules[j]);
			for (j = 0; j < 8 && cases[i].uses[j] != NULL; j++) {
				const char *got = rules_apply(&rules,
				    cases[i].uses[j]);

				if (strcmp(got == NULL ? "-" : got,
				    cases[i].replies[j]) == 0)
					continue;
				printf("# use %zu: %s\n", j + 1,
				    got == NULL ? "-" : got);
				right = false;
			}
			CHECK(right, "%s%s", cases[i].name,
			    turn == 1 ? "" : ", and again"); /* smtp-stdio-x */
		}
	}
}

/* A client that sends "+" or "." as a command has not been greeted, nor sent a message. */
static void
check_commands(void)
{
	struct rules rules = { .count = 0 };

	must(rules_add(&rules, "+=g") && rules_add(&rules, "./1=e") &&
	    rules_add(&rules, "QUIT=q"), "no rules");
	CHECK(rules_apply_command(&rules, "+") == NULL,
	    "a command of a plus is no greeting"); /* smtp-stdio-x */
	CHECK(rules_apply_command(&rules, ".") == NULL &&
	    rules_apply(&rules, ".") != NULL,
	    "a command of a dot is no message, and counts as none"); /* smtp-stdio-x */
	CHECK(rules_apply_command(&rules, "QUIT") != NULL,
	    "other commands are as they are"); /* smtp-stdio-x */
}

static void
check_number(void)
{
	struct rules rules = { .count = 0 };
	size_t i;

	for (i = 0; i < RULES_MAX; i++)
		must(rules_add(&rules, i == RULES_MAX - 1 ? "LAST=x" : "A/2=x"),
		    "a rule");
	CHECK(!rules_add(&rules, "B=x") && rules.count == RULES_MAX,
	    "there is a most number of rules"); /* smtp-stdio-x */
	CHECK(rules_apply(&rules, "LAST") != NULL, "the last is one"); /* smtp-stdio-x */
}

int
main(void)
{
	check_forms();
	check_uses();
	check_commands();
	check_number();
	return check_end();
}
