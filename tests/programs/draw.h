/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * Where chance comes from: a seed, which repeats it, or the bytes of a sequence, until they end.
 * Each thread has its own.
 */
#ifndef DRAW_H
#define DRAW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void draw_seed(uint64_t seed);
void draw_from_bytes(const uint8_t *bytes, size_t count);
bool draw_ended(void);

uint64_t draw(void);
uint32_t draw_below(uint32_t limit);
void draw_bytes(void *to, size_t size);

#endif
