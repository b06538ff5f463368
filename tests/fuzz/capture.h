/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* What a command prints, in memory. libFuzzer keeps the standard error that it began with. */
#ifndef FUZZ_CAPTURE_H
#define FUZZ_CAPTURE_H

#include <stddef.h>
#include <stdio.h>

struct capture {
	FILE *before_output, *before_error;
	char *output, *error;
	size_t output_length, error_length;
};

void capture_begin(struct capture *capture);

/* From here on output and error are set, until capture_release(). Errors are checked. */
void capture_end(struct capture *capture);
void capture_release(struct capture *capture);

#endif
