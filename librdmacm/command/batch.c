// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"

#define WORDS_MAX 256

/* Split a line into its words; returns -1 if there are too many. A comment has none. */
static int split(char *line, char *words[WORDS_MAX])
{
	char *word, *rest;
	int count = 0;

	for (word = strtok_r(line, " \t\n", &rest); word; word = strtok_r(NULL, " \t\n", &rest)) {
		if (!count && *word == '#')
			return 0;
		if (count == WORDS_MAX)
			return -1;
		words[count++] = word;
	}
	return count;
}

static int run_line(char *line, size_t length, const struct options *options, batch_command run)
{
	char *words[WORDS_MAX];
	int count;

	set_help_command("");
	/* What follows it would be left out, and nobody would know. */
	if (strlen(line) != length)
		return usage_error("the line has a zero byte");
	count = split(line, words);
	if (count < 0)
		return usage_error("the line has more than %d words", WORDS_MAX);
	return count ? run(options, count, words) : STATUS_OK;
}

int batch_run(FILE *file, const char *name, const struct options *options, batch_command run)
{
	int status = STATUS_OK, line_status;
	size_t size = 0, number = 0;
	char *line = NULL;
	ssize_t length;

	while ((length = getline(&line, &size, file)) >= 0) {
		set_batch_line(name, ++number);
		line_status = run_line(line, (size_t)length, options, run);
		if (line_status > status)
			status = line_status;
	}
	set_batch_line(NULL, 0);
	if (ferror(file))
		status = failed("cannot read '%s': %s", name, strerror(errno));
	free(line);
	return status;
}
