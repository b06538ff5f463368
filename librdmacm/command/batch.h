/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* A file with a command on each line. */
#ifndef RDMA_NS_BATCH_H
#define RDMA_NS_BATCH_H

#include <stdio.h>

#include "command.h"

typedef int (*batch_command)(const struct options *options, int count, char **words);

/*
 * Run the commands of a file, which error messages call @name. Empty lines and those whose first
 * word begins with # are none. Returns the highest of their exit statuses.
 */
int batch_run(FILE *file, const char *name, const struct options *options, batch_command run);

#endif
