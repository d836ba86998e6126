/* Command lines; see command.h. */
#include "stdio/command.h"

#include <string.h>

#include "stdio/log.h"
#include "store/text.h"
#include "store/wipe.h"

static bool
is_blank(char octet)
{
	return octet == ' ' || octet == '\t';
}

void
command_split(char *line, char **argument)
{
	while (*line != '\0' && !is_blank(*line))
		line++;
	if (*line != '\0')
		*line++ = '\0';
	*argument = line;
}

char *
command_trim(char *text)
{
	size_t length;

	while (is_blank(*text))
		text++;
	length = strlen(text);
	while (length > 0 && is_blank(text[length - 1]))
		text[--length] = '\0';
	return text;
}

const struct command *
command_find(const struct command *table, const char *verb)
{
	size_t length = strlen(verb);

	for (; table->verb != NULL; table++)
		if (text_equal_folded(table->verb, strlen(table->verb), verb,
		    length))
			return table;
	return NULL;
}

static bool
is_secret(const struct command *command)
{
	return command == NULL || (command->flags & IS_SECRET);
}

void
command_log(const struct command *command, const char *argument)
{
	char buffer[LOG_LINE_SIZE];
	struct text text;

	text_init(&text, buffer, sizeof buffer);
	text_add(&text, command == NULL ? "(unknown)" : command->verb);
	if (command != NULL && *argument != '\0') {
		text_add_octet(&text, ' ');
		text_add(&text, is_secret(command) ? "(hidden)" : argument);
	}
	log_event(LOG_IS_DEBUG, "conversation", "client", buffer);
}

char *
command_hide(const struct command *command, char *argument, char *line,
    size_t length, char *copy)
{
	if (!is_secret(command))
		return argument;
	memcpy(copy, argument, strlen(argument) + 1);
	wipe(line, length);
	return copy;
}
