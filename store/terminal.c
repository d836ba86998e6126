/* Passwords from standard input; see terminal.h. */
#include "store/terminal.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "store/wipe.h"

/* One line, octet by octet: what stands behind it is not ours to read. */
static enum password_entry
read_line(char *line, size_t size)
{
	enum password_entry entry = ENTRY_OK;
	size_t length = 0;

	for (;;) {
		char octet;
		ssize_t got = read(STDIN_FILENO, &octet, 1);

		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			return ENTRY_FAILED;
		if (got == 0 || octet == '\n')
			break;
		if (length == size - 1)
			entry = ENTRY_TOO_LONG;
		else
			line[length++] = octet;
	}
	if (length > 0 && line[length - 1] == '\r')
		length--;
	line[length] = '\0';
	if (strlen(line) != length)     /* a NUL: no client could send it */
		entry = ENTRY_FAILED, errno = EILSEQ;
	return entry == ENTRY_OK && length == 0 ? ENTRY_EMPTY : entry;
}

static void
say(const char *text)
{
	ssize_t ignored = write(STDERR_FILENO, text, strlen(text));

	(void)ignored;
}

static enum password_entry
ask(const char *prompt, char *password, size_t size)
{
	enum password_entry entry;

	say(prompt);
	entry = read_line(password, size);
	say("\n");
	return entry;
}

static enum password_entry
ask_twice(char *password, size_t size)
{
	enum password_entry entry = ask("Password: ", password, size);
	char again[1024];

	if (entry != ENTRY_OK || size > sizeof again)
		return entry;
	entry = ask("Again: ", again, size);
	if (entry == ENTRY_EMPTY ||
	    (entry == ENTRY_OK && strcmp(password, again) != 0))
		entry = ENTRY_DIFFERS;
	wipe(again, sizeof again);
	return entry;
}

enum password_entry
password_enter(char *password, size_t size)
{
	struct termios shown, hidden;
	enum password_entry entry;
	sigset_t interrupts, before;

	if (tcgetattr(STDIN_FILENO, &shown) == -1)
		return read_line(password, size);       /* no terminal */

	/* An interrupt would leave the terminal without echo: it waits. */
	(void)sigemptyset(&interrupts);
	(void)sigaddset(&interrupts, SIGINT);
	(void)sigaddset(&interrupts, SIGTERM);
	(void)sigaddset(&interrupts, SIGTSTP);
	(void)sigprocmask(SIG_BLOCK, &interrupts, &before);
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
	if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) == -1)
		entry = ENTRY_FAILED;
	else
		entry = ask_twice(password, size);
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	return entry;
}
