/* Command lines; see command.h. */
#include "stdio/command.h"

#include <string.h>

#include "store/text.h"

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
	while (is_blank(*line))
		*line++ = '\0';
	*argument = line;
}

void
command_trim(char *line)
{
	size_t length = strlen(line);

	while (length > 0 && is_blank(line[length - 1]))
		line[--length] = '\0';
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
