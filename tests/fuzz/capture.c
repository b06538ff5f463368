// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <stdlib.h>
#include <string.h>

#include "capture.h"
#include "text_check.h"

void capture_begin(struct capture *capture)
{
	capture->before_output = stdout;
	capture->before_error = stderr;
	stdout = open_memstream(&capture->output, &capture->output_length);
	stderr = open_memstream(&capture->error, &capture->error_length);
	if (!stdout || !stderr)
		abort();
}

void capture_end(struct capture *capture)
{
	static const char beginning[] = "rdma-ns: ";

	fclose(stdout);
	fclose(stderr);
	stdout = capture->before_output;
	stderr = capture->before_error;
	check_printable(capture->output, capture->output_length);
	check_printable(capture->error, capture->error_length);
	for (const char *line = capture->error; *line; line = strchr(line, '\n') + 1) {
		if (strncmp(line, beginning, sizeof(beginning) - 1))
			abort();
	}
}

void capture_release(struct capture *capture)
{
	free(capture->output);
	free(capture->error);
}
