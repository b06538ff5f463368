// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"

#define WORDS_MAX 256

/* Returns the number of words, or -1 if there are too many. */
static int split(char *line, char *words[WORDS_MAX])
{
	char *word, *rest;
	int count = 0;

	for (word = strtok_r(line, " \t\n", &rest); word; word = strtok_r(NULL, " \t\n", &rest)) {
		if (count == WORDS_MAX)
			return -1;
		words[count++] = word;
	}
	return count;
}

int batch_run(FILE *file, const char *name, const struct options *options, batch_command run)
{
	int status = STATUS_OK, line_status, count;
	size_t size = 0, number = 0;
	char *line = NULL, *words[WORDS_MAX];

	while (getline(&line, &size, file) >= 0) {
		set_batch_line(name, ++number);
		set_help_command("");
		count = split(line, words);
		if (!count || (count > 0 && words[0][0] == '#'))
			continue;
		line_status = count < 0 ? usage_error("the line has more than %d words",
						      WORDS_MAX) :
					  run(options, count, words);
		if (line_status > status)
			status = line_status;
	}
	set_batch_line(NULL, 0);
	if (ferror(file))
		status = failed("cannot read '%s': %s", name, strerror(errno));
	free(line);
	return status;
}
