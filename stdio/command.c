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
