// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"

static bool add_column(struct output *output, const struct output_column *column)
{
	static const int types[] = {
		[OUTPUT_TEXT] = SCOLS_JSON_STRING,
		[OUTPUT_NUMBER] = SCOLS_JSON_NUMBER,
		[OUTPUT_BOOLEAN] = SCOLS_JSON_BOOLEAN,
		[OUTPUT_LIST] = SCOLS_JSON_ARRAY_STRING,
	};
	const int flags = column->type == OUTPUT_LIST	? SCOLS_FL_WRAP :
			  column->type == OUTPUT_NUMBER ? SCOLS_FL_RIGHT :
							  0;
	struct libscols_column *added;

	added = scols_table_new_column(output->table, column->name, 0, flags);
	if (!added || scols_column_set_json_type(added, types[column->type]))
		return false;
	if (column->type != OUTPUT_LIST)
		return true;
	return !scols_column_set_wrapfunc(added, scols_wrapnl_chunksize, scols_wrapnl_nextchunk,
					  NULL) &&
	       !scols_column_set_safechars(added, "\n");
}

void output_begin(struct output *output, const struct options *options, const char *name,
		  const struct output_column *columns, size_t count)
{
	memset(output, 0, sizeof(*output));
	output->table = scols_new_table();
	if (!output->table || scols_table_set_name(output->table, name) ||
	    scols_table_enable_json(output->table, options->json) ||
	    /* Names have been made safe; libsmartcols would escape the escapes. */
	    scols_table_enable_noencoding(output->table, 1) ||
	    scols_table_enable_noheadings(output->table, options->no_headings)) {
		output->failed = true;
		return;
	}
	output_add_columns(output, columns, count);
}

size_t output_add_columns(struct output *output, const struct output_column *columns, size_t count)
{
	const size_t first = output->columns;

	for (size_t i = 0; i < count && !output->failed; i++)
		output->failed = !add_column(output, &columns[i]);
	output->columns += count;
	return first;
}

void output_line(struct output *output)
{
	output->line = output->failed ? NULL : scols_table_new_line(output->table, NULL);
	if (!output->line)
		output->failed = true;
}

void output_cell(struct output *output, size_t column, const char *format, ...)
{
	va_list arguments;
	char *text;
	int length;

	if (output->failed)
		return;
	va_start(arguments, format);
	length = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (length < 0) {
		output->failed = true;
		return;
	}
	if (length && scols_line_refer_data(output->line, column, text)) {
		free(text);
		output->failed = true;
	} else if (!length) {
		free(text);
	}
}

void output_name(struct output *output, size_t column, const char *name)
{
	char text[SAFE_NAME_MAX];

	output_cell(output, column, "%s", safe_name(name, text));
}

int output_end(struct output *output)
{
	bool printed = !output->failed && !scols_print_table(output->table);

	scols_unref_table(output->table);
	if (output->failed)
		return failed("out of memory");
	if (!printed || fflush(stdout) || ferror(stdout))
		return failed("cannot write to standard output: %s", strerror(errno));
	return STATUS_OK;
}
