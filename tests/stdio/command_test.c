/*
 * Command lines: where the verb ends, what is cut off, which row it is, and
 * what of it may be seen in the log and in memory.
 */
#include "stdio/command.h"

#include <unistd.h>

#include "stdio/log.h"
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
	{ "EHLO", 1, 0,              0, NULL },
	{ "MAIL", 2, NEEDS_ARGUMENT, 1, NULL },
	{ "MAI",  4, 0,              0, NULL },
	{ "PASS", 8, IS_SECRET,      0, NULL },
	{ NULL,   0, 0,              0, NULL }
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
	static const struct command none[] = { { NULL, 0, 0, 0, NULL } };
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

/* What is written to descriptor 2 while a command is logged. */
static const char *
logged(const struct command *command, const char *argument)
{
	static char said[4096];
	int ends[2], saved = dup(STDERR_FILENO);
	ssize_t got;

	must(saved != -1 && pipe(ends) == 0 &&
	    dup2(ends[1], STDERR_FILENO) == STDERR_FILENO &&
	    close(ends[1]) == 0, "no pipe");
	log_open("test");
	command_log(command, argument);
	must(dup2(saved, STDERR_FILENO) == STDERR_FILENO && close(saved) == 0,
	    "no descriptor");
	got = read(ends[0], said, sizeof said - 1);
	said[got > 0 ? got : 0] = '\0';
	(void)close(ends[0]);
	return said;
}

static void
test_logging(void)
{
	const char *line;

	line = logged(&table[1], "FROM:<a@b> SIZE=1");
	CHECK(strstr(line, "client=\"MAIL FROM:<a@b> SIZE=1\"") != NULL,
	    "a command is logged as the client has sent it");
	line = logged(&table[0], "");
	CHECK(strstr(line, "client=EHLO\n") != NULL,
	    "one without an argument without a blank");
	line = logged(&table[3], "secret");
	CHECK(strstr(line, "PASS (hidden)") != NULL &&
	    strstr(line, "secret") == NULL, "a password is not logged");
	line = logged(&table[3], "");
	CHECK(strstr(line, "client=PASS\n") != NULL, "nor that there is none");
	line = logged(NULL, "secret");
	CHECK(strstr(line, "client=(unknown)\n") != NULL &&
	    strstr(line, "secret") == NULL,
	    "of an unknown command nothing is logged");
	line = logged(&table[1], "a\r\n\033[2J");
	CHECK(strchr(line, '\033') == NULL && strchr(line, '\r') == NULL &&
	    strchr(line, '\n') == line + strlen(line) - 1,
	    "control characters stay out of the log");
}

/* Parts a line as a loop does, and hides the argument or not. */
static void
hide(const struct command *command, const char *text, bool hidden)
{
	char line[64], copy[64], *argument, *where;
	size_t length = strlen(text), i;
	bool is_wiped = true;

	memset(copy, '~', sizeof copy);
	strcpy(line, text);
	command_split(line, &argument);
	where = command_hide(command, argument, line, length, copy);
	for (i = 0; i < length; i++)
		is_wiped &= line[i] == '\0';
	CHECK(strcmp(where, strchr(text, ' ') + 1) == 0,
	    "\"%s\": the argument is what it was", text);
	CHECK(where == (hidden ? copy : argument) && is_wiped == hidden &&
	    (hidden || copy[0] == '~'), "\"%s\": the line is %s", text,
	    hidden ? "wiped" : "left as it is");
}

static void
test_hiding(void)
{
	hide(&table[1], "MAIL FROM:<a@b>", false);
	hide(&table[3], "PASS two  words ", true);
	hide(&table[3], "PASS ", true);
	hide(NULL, "PASSS secret", true);
}

int
main(void)
{
	test_splitting();
	test_finding();
	test_logging();
	test_hiding();
	return check_end();
}
