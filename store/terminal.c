/* Passwords as they are typed, or read; see terminal.h. */
#include "store/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "store/wipe.h"

/* Octet by octet: what stands behind the line is not ours to read. */
enum password_entry
password_read(int descriptor, char *password, size_t size)
{
	enum password_entry entry = ENTRY_OK;
	size_t length = 0;

	for (;;) {
		char octet;
		ssize_t got = read(descriptor, &octet, 1);

		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			return ENTRY_FAILED;
		if (got == 0 || octet == '\n')
			break;
		if (length == size - 1)
			entry = ENTRY_TOO_LONG;
		else
			password[length++] = octet;
	}
	if (length > 0 && password[length - 1] == '\r')
		length--;
	password[length] = '\0';
	if (strlen(password) != length) /* a NUL: nobody could send it */
		entry = ENTRY_FAILED, errno = EILSEQ;
	return entry == ENTRY_OK && length == 0 ? ENTRY_EMPTY : entry;
}

static void
say(int terminal, const char *text)
{
	ssize_t ignored = write(terminal, text, strlen(text));

	(void)ignored;
}

/* Where to ask: what is typed comes from one, what is said goes to the other. */
struct asked {
	int from, to;
	const char *prompt, *again;     /* NULL: once is enough */
};

static enum password_entry
ask_once(const struct asked *asked, const char *prompt, char *password,
    size_t size)
{
	enum password_entry entry;

	say(asked->to, prompt);
	entry = password_read(asked->from, password, size);
	say(asked->to, "\n");
	return entry;
}

static enum password_entry
ask(const struct asked *asked, char *password, size_t size)
{
	enum password_entry entry = ask_once(asked, asked->prompt, password,
	    size);
	char again[1024];

	if (entry != ENTRY_OK || asked->again == NULL || size > sizeof again)
		return entry;
	entry = ask_once(asked, asked->again, again, size);
	if (entry == ENTRY_EMPTY ||
	    (entry == ENTRY_OK && strcmp(password, again) != 0))
		entry = ENTRY_DIFFERS;
	wipe(again, sizeof again);
	return entry;
}

/* An interrupt would leave the terminal without echo: it waits. */
static enum password_entry
ask_without_echo(const struct asked *asked, const struct termios *shown,
    char *password, size_t size)
{
	struct termios hidden = *shown;
	enum password_entry entry = ENTRY_FAILED;
	sigset_t interrupts, before;

	(void)sigemptyset(&interrupts);
	(void)sigaddset(&interrupts, SIGINT);
	(void)sigaddset(&interrupts, SIGTERM);
	(void)sigaddset(&interrupts, SIGTSTP);
	(void)sigprocmask(SIG_BLOCK, &interrupts, &before);
	hidden.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
	if (tcsetattr(asked->from, TCSAFLUSH, &hidden) == 0)
		entry = ask(asked, password, size);
	(void)tcsetattr(asked->from, TCSAFLUSH, shown);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	return entry;
}

enum password_entry
password_enter(char *password, size_t size)
{
	static const struct asked asked = {
		STDIN_FILENO, STDERR_FILENO, "Password: ", "Again: "
	};
	struct termios shown;

	if (tcgetattr(STDIN_FILENO, &shown) == -1)      /* no terminal */
		return password_read(STDIN_FILENO, password, size);
	return ask_without_echo(&asked, &shown, password, size);
}

enum password_entry
password_ask(const char *prompt, char *password, size_t size)
{
	struct asked asked = { -1, -1, prompt, NULL };
	enum password_entry entry = ENTRY_FAILED;
	struct termios shown;
	int saved;

	asked.from = asked.to = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (asked.from == -1)
		return ENTRY_FAILED;
	if (tcgetattr(asked.from, &shown) == 0)
		entry = ask_without_echo(&asked, &shown, password, size);
	saved = errno;
	(void)close(asked.from);
	errno = saved;
	return entry;
}
