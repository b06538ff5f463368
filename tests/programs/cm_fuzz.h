/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Parts of cm-fuzz. */
#ifndef CM_FUZZ_H
#define CM_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* cm_fuzz_draw.c: where chance comes from: a seed, or the bytes of a sequence, until they end */
void draw_from_seed(uint64_t seed);
void draw_from_bytes(const uint8_t *bytes, size_t count);
bool draw_ended(void);
uint64_t draw(void);
uint32_t below(uint32_t limit);
void fill(void *to, size_t size);

/* cm_fuzz_commands.c */
void fuzz_begin(void); /* opens the files */
void fuzz_reopen(unsigned int file);
void fuzz_random_command(void);	  /* as many as one likes: few of them take time */
void fuzz_sequence_command(void); /* those that belong to a connection as well */
void fuzz_print_answers(void);

/* cm_fuzz_guided.c: sequences of commands, each as a line of hexadecimal digits */
int fuzz_replay(const char *corpus);
int fuzz_guided(unsigned long count, uint64_t seed, const char *corpus, const char *kept);

#endif
