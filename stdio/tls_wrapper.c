/* The hand-over to a TLS wrapper; see tls_wrapper.h. */
#include "stdio/tls_wrapper.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "stdio/log.h"
#include "stdio/program.h"
#include "store/text.h"

/* A command to be executed, and the memory of the words that are made for it. */
struct command_line {
	struct program program;
	char memory[16384];
	size_t used;
	bool complete;                  /* nothing was left out so far */
};

bool
tls_wrapper_is_ready(const struct options *options)
{
	struct program program;

	return options->tls_command != NULL && !options->is_protected &&
	    program_split(&program, options->tls_command) &&
	    program_is_executable(&program);
}

enum tls_request
tls_wrapper_request(const struct options *options,
    struct line_reader *in)
{
	if (options->is_protected)
		return TLS_IS_THERE;
	if (options->tls_command == NULL)
		return TLS_IS_NOT_OFFERED;
	if (line_reader_has_more(in))
		return TLS_IS_LATE;
	return tls_wrapper_is_ready(options) ? TLS_BEGINS : TLS_IS_NOT_READY;
}

/* Adds a word made of two parts. */
static void
add_word(struct command_line *line, const char *first, const char *second)
{
	char *word = line->memory + line->used;
	struct text text;

	if (line->used == sizeof line->memory) {
		line->complete = false;
		return;
	}
	text_init(&text, word, sizeof line->memory - line->used);
	text_add(&text, first);
	text_add(&text, second);
	line->used += text.length + 1;
	if (text.cut || !program_add(&line->program, word))
		line->complete = false;
}

/* Adds a path, made absolute: the wrapper may be anywhere. */
static void
add_path(struct command_line *line, const char *path)
{
	char directory[PATH_MAX + 1];
	size_t length;

	if (path[0] == '/') {
		add_word(line, path, "");
		return;
	}
	if (getcwd(directory, sizeof directory - 1) == NULL) {
		line->complete = false;
		return;
	}
	length = strlen(directory);
	if (directory[length - 1] != '/')
		memcpy(directory + length, "/", 2);
	add_word(line, directory, path);
}

/* Adds this program as it was called, for a protected connection. */
static void
add_self(struct command_line *line, const struct options *options, char **argv)
{
	struct option_scan scan;
	int flag;

	if (strchr(argv[0], '/') != NULL)
		add_path(line, argv[0]);
	else
		add_word(line, SBINDIR "/", options->program);
	option_scan_begin(&scan, argv, options->known);
	while ((flag = option_scan_next(&scan)) != -1) {
		if (flag == 'T' || flag == 'P')
			continue;       /* both are done with */
		add_word(line, "-", scan.letter);
		if (flag == 'd')
			add_path(line, scan.value);
		else if (scan.has_value)
			add_word(line, scan.value, "");
	}
	add_word(line, "-s", "");
	add_word(line, "-g", "");
}

/* Executes the command, each word "%" in it replaced; false: it is too long. */
static bool
execute(struct command_line *line, const struct options *options, char **argv)
{
	struct program wrapper;
	size_t i;

	program_init(&line->program);
	line->used = 0;
	line->complete = program_split(&wrapper, options->tls_command);
	for (i = 0; i < wrapper.count && line->complete; i++)
		if (strcmp(wrapper.words[i], "%") == 0)
			add_self(line, options, argv);
		else
			line->complete = program_add(&line->program,
			    wrapper.words[i]);
	if (line->complete) {
		program_prepare();
		(void)execvp(line->program.words[0], line->program.words);
	}
	return line->complete;
}

void
tls_wrapper_execute(const struct options *options, char **argv,
    const struct peer *peer)
{
	struct command_line line;
	const char *error = "the command is too long";
	struct log_line log;

	if (!peer_to_environment(peer) || !log_leave_connection())
		error = strerror(errno);
	else if (execute(&line, options, argv))
		error = strerror(errno);
	log_begin(&log, LOG_IS_ERROR, "tls-wrapper");
	log_text(&log, "command", options->tls_command);
	log_text(&log, "error", error);
	log_end(&log);
}
