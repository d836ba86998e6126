/* Command lines: where the verb ends, what is cut off, and which row it is. */
#include "stdio/command.h"

#include "tests/lib/check.h"

static const struct {
	const char *line, *verb, *argument, *trimmed;
} lines[] = {
	{ "QUIT", "QUIT", "", "" },
	{ "QUIT ", "QUIT", "", "" },
	{ "QUIT \t ", "QUIT", "\t ", "" },
	{ "EHLO client.example", "EHLO", "client.example", "client.example" },
	{ "EHLO  client.example", "EHLO", " client.example", "client.example" },
	{ "EHLO\tclient.example", "EHLO", "client.example", "client.example" },
	{ "MAIL FROM:<a@b> SIZE=1 \t", "MAIL", "FROM:<a@b> SIZE=1 \t",
	  "FROM:<a@b> SIZE=1" },
	{ "PASS  two  spaces ", "PASS", " two  spaces ", "two  spaces" },
	{ "", "", "", "" },
	{ " ", "", "", "" },
	{ " QUIT", "", "QUIT", "QUIT" },
	{ "\tQUIT", "", "QUIT", "QUIT" },
	{ "QUIT\vx", "QUIT\vx", "", "" },
	{ "QUIT\xa0x", "QUIT\xa0x", "", "" },
	{ "a b\tc", "a", "b\tc", "b\tc" },
};

static void
test_splitting(void)
{
	char line[64], *argument;
	size_t i;

	for (i = 0; i < COUNT(lines); i++) {
		const char *text = shown(lines[i].line, strlen(lines[i].line));

		strcpy(line, lines[i].line);
		command_split(line, &argument);
		CHECK(strcmp(line, lines[i].verb) == 0 &&
		    strcmp(argument, lines[i].argument) == 0,
		    "\"%s\" is parted behind its first word", text);
		CHECK(strcmp(command_trim(argument), lines[i].trimmed) == 0,
		    "\"%s\" has an argument without blanks around it", text);
	}
}

static const struct command table[] = {
	{ "EHLO", 1, 0, NULL },
	{ "MAIL", 2, 0, NULL },
	{ "MAI", 4, 0, NULL },
	{ NULL, 0, 0, NULL }
};

static void
test_finding(void)
{
	static const struct {
		const char *verb;
		int row;                /* -1: none */
	} verbs[] = {
		{ "EHLO", 0 }, { "ehlo", 0 }, { "eHlO", 0 }, { "MAIL", 1 },
		{ "mail", 1 }, { "mai", 2 }, { "MA", -1 }, { "MAILX", -1 },
		{ "", -1 }, { "X", -1 }, { "EHLO ", -1 }, { "\xc5HLO", -1 },
	};
	static const struct command none[] = { { NULL, 0, 0, NULL } };
	size_t i;

	for (i = 0; i < COUNT(verbs); i++) {
		const struct command *found = command_find(table, verbs[i].verb);

		CHECK(found == (verbs[i].row < 0 ? NULL : &table[verbs[i].row]),
		    "\"%s\" is %s",
		    shown(verbs[i].verb, strlen(verbs[i].verb)),
		    verbs[i].row < 0 ? "no command" : "a command");
	}
	CHECK(command_find(none, "EHLO") == NULL, "an empty table has none");
}

int
main(void)
{
	test_splitting();
	test_finding();
	return check_end();
}
