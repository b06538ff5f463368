// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include "draw.h"

static _Thread_local uint64_t state;
static _Thread_local const uint8_t *next; /* NULL: the seed decides */
static _Thread_local size_t left;
static _Thread_local bool ended;

/* splitmix64 */
static uint64_t mix(uint64_t *from)
{
	uint64_t z = *from += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

void draw_seed(uint64_t seed)
{
	state = seed;
	next = NULL;
}

void draw_from_bytes(const uint8_t *bytes, size_t count)
{
	next = bytes;
	left = count;
	ended = false;
}

bool draw_ended(void)
{
	return ended;
}

static uint8_t take(void)
{
	if (!left) {
		ended = true;
		return 0;
	}
	left--;
	return *next++;
}

/* Two bytes decide a number, so that a change of one changes little else. */
uint64_t draw(void)
{
	uint64_t from;

	if (!next)
		return mix(&state);
	from = take();
	from |= (uint64_t)take() << 8;
	return mix(&from);
}

uint32_t draw_below(uint32_t limit)
{
	if (next && limit <= 256)
		return take() % limit;
	return (uint32_t)(draw() % limit);
}

void draw_bytes(void *to, size_t size)
{
	uint64_t from = draw();
	uint8_t *bytes = to;

	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)mix(&from);
}
