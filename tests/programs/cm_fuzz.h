/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Parts of cm-fuzz. */
#ifndef CM_FUZZ_H
#define CM_FUZZ_H

#include <stdint.h>

#include "draw.h"

/* cm_fuzz_commands.c */
void fuzz_begin(void); /* opens the files */
void fuzz_reopen(unsigned int file);
void fuzz_random_command(void);	  /* as many as one likes: few of them take time */
void fuzz_sequence_command(void); /* those that belong to a connection as well */
void fuzz_print_answers(void);

/* cm_fuzz_guided.c: sequences of commands, each as a line of hexadecimal digits */
int fuzz_replay(const char *corpus, unsigned long count, uint64_t seed);
int fuzz_guided(unsigned long count, uint64_t seed, const char *corpus, const char *kept);

#endif
