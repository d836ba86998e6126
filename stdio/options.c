/* Flags; see options.h. */
#include "stdio/options.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "stdio/log.h"
#include "stdio/program.h"
#include "store/text.h"

bool
option_number(const char *text, uint64_t least, uint64_t most, uint64_t *number)
{
	return text_to_number(text, strlen(text), number) &&
	    *number >= least && *number <= most;
}

/*
 * A host name for greetings and trace lines: one word of printable ASCII
 * (RFC 6531 section 3.7.1).
 */
bool
hostname_is_good(const char *text)
{
	size_t length = strlen(text), i;

	for (i = 0; i < length; i++)
		if (text[i] <= 0x20 || text[i] > 0x7e)
			return false;
	return length > 0 && length < HOSTNAME_SIZE;
}

void
hostname_find(char name[HOSTNAME_SIZE])
{
	static const char fallback[] = "localhost";
	size_t i;

	if (gethostname(name, HOSTNAME_SIZE) == -1)
		name[0] = '\0';
	name[HOSTNAME_SIZE - 1] = '\0';
	for (i = 0; name[i] != '\0'; i++)
		if (name[i] <= 0x20 || name[i] > 0x7e)
			name[i] = '-';
	if (i == 0)
		memcpy(name, fallback, sizeof fallback);
}

void
options_init(struct options *options, const char *program,
    const char *const *keywords, unsigned seconds)
{
	options->program = program;
	options->keywords = keywords;
	options->left_out = 0;
	options->rules.count = 0;
	options->proxy = false;
	options->known = "";
	options->checkpassword = options->root = options->tls_command = NULL;
	options->greeted = options->is_protected = false;
	options->clear_passwords = false;
	options->errors_max = 20;
	options->seconds = seconds;
	options->lf_ends_lines = false;
	options->verbose = false;
	options->hostname = NULL;
}

bool
options_allow_passwords(const struct options *options)
{
	return options->is_protected || options->clear_passwords;
}

/* A command has to have a word; whether it can be executed shows later. */
static const char *
take_command(const char **command, const char *value, const char *complaint)
{
	struct program program;

	*command = value;
	return program_split(&program, value) ? NULL : complaint;
}

/* Without case, as the client sees them. */
static const char *
leave_out(struct options *options, const char *name)
{
	uint32_t bit = 1;
	size_t i;

	for (i = 0; options->keywords[i] != NULL; i++, bit <<= 1)
		if (text_equal_folded(name, strlen(name), options->keywords[i],
		    strlen(options->keywords[i]))) {
			options->left_out |= bit;
			return NULL;
		}
	return "-X wants one of the keywords that are offered";
}

const char *
options_take(struct options *options, int flag, const char *value)
{
	uint64_t seconds;

	switch (flag) {
	case 'A':
		return take_command(&options->checkpassword, value,
		    "-A wants a command");
	case 'd':
		options->root = value;
		return NULL;
	case 'e':
		return option_number(value, 1, UINT32_MAX,
		    &options->errors_max) ? NULL :
		    "-e wants a number of errors";
	case 'g':
		options->greeted = true;
		return NULL;
	case 'h':
		options->hostname = value;
		return hostname_is_good(value) ? NULL :
		    "-h wants a host name in ASCII";
	case 'n':
		options->lf_ends_lines = true;
		return NULL;
	case 'p':
		options->clear_passwords = true;
		return NULL;
	case 'P':
		options->proxy = true;
		return NULL;
	case 's':
		options->is_protected = true;
		return NULL;
	case 't':
		if (!option_number(value, 1, INT32_MAX / 1000, &seconds))
			return "-t wants a number of seconds";
		options->seconds = (unsigned)seconds;
		return NULL;
	case 'T':
		return take_command(&options->tls_command, value,
		    "-T wants a command");
	case 'v':
		options->verbose = true;
		return NULL;
	case 'x':
		return rules_add(&options->rules, value) ? NULL :
		    "-x wants VERB=REPLY or VERB/N=REPLY";
	case 'X':
		return leave_out(options, value);
	default:
		return "unknown flag, or its value is missing";
	}
}

void
option_scan_begin(struct option_scan *scan, char **argv, const char *known)
{
	scan->known = known;
	scan->next = argv[0] == NULL ? argv : argv + 1;
	scan->letters = scan->value = "";
	scan->has_value = false;
	scan->letter[0] = scan->letter[1] = '\0';
}

int
option_scan_next(struct option_scan *scan)
{
	const char *known;

	scan->value = "";
	scan->has_value = false;
	if (*scan->letters == '\0') {
		const char *word = *scan->next;

		if (word == NULL || word[0] != '-' || word[1] == '\0')
			return -1;
		scan->next++;
		if (strcmp(word, "--") == 0)
			return -1;
		scan->letters = word + 1;
	}
	scan->letter[0] = *scan->letters++;
	known = scan->letter[0] == ':' ? NULL :
	    strchr(scan->known, scan->letter[0]);
	if (known == NULL)
		return '?';
	if (known[1] != ':')
		return scan->letter[0];
	if (*scan->letters != '\0')
		scan->value = scan->letters;
	else if (*scan->next != NULL)
		scan->value = *scan->next++;
	else
		return '?';
	scan->has_value = true;
	scan->letters = "";
	return scan->letter[0];
}

void
options_read(struct options *options, char **argv, const char *known,
    const char *synopsis, take_flag *take_own, void *settings)
{
	struct option_scan scan;
	int flag;

	options->known = known;
	option_scan_begin(&scan, argv, known);
	while ((flag = option_scan_next(&scan)) != -1) {
		const char *complaint;

		if (flag == '?' || strchr(COMMON_FLAGS, flag) != NULL)
			complaint = options_take(options, flag, scan.value);
		else
			complaint = take_own(settings, flag, scan.value);
		if (complaint != NULL)
			usage_error(synopsis, complaint,
			    flag == '?' ? scan.letter : scan.value);
	}
	if (*scan.next != NULL)
		usage_error(synopsis, "unexpected argument", *scan.next);
	if (options->hostname == NULL) {
		hostname_find(options->own_hostname);
		options->hostname = options->own_hostname;
	}
	if (options->greeted && !options->is_protected)
		usage_error(synopsis, "-g is for use with -s only", "-g");
}

void
usage_error(const char *synopsis, const char *message, const char *what)
{
	char buffer[1024];
	struct log_line line;
	struct text text;
	ssize_t ignored;

	if (log_is_connection()) {
		log_begin(&line, LOG_IS_ERROR, "usage");
		log_text(&line, "error", message);
		log_text(&line, "value", what);
		log_end(&line);
		exit(EX_USAGE);
	}
	text_init(&text, buffer, sizeof buffer);
	text_add(&text, message);
	text_add(&text, ": ");
	for (; *what != '\0'; what++)
		text_add_octet(&text, text_is_control(*what) ? '?' : *what);
	text_add(&text, "\n");
	text_add(&text, synopsis);
	ignored = write(STDERR_FILENO, buffer, text.length);
	(void)ignored;
	exit(EX_USAGE);
}
