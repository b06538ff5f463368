/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Numbers and names that the input has chosen. An input that has ended goes on with zeros. */
#ifndef FUZZ_MADE_UP_H
#define FUZZ_MADE_UP_H

#include <stddef.h>
#include <stdint.h>

/* What is left of the input. */
struct made_up {
	const uint8_t *at;
	size_t left;
};

extern struct made_up made_up;

uint8_t take_byte(void);
uint32_t take_number(unsigned int bytes);
/* A name ends with a zero byte, which none has in it. */
void take_name(char *name, size_t size);

#endif
