// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <string.h>

#include "sized.h"

void sized_copy(void *to, size_t to_length, const void *from, size_t from_length)
{
	memset(to, 0, to_length);
	memcpy(to, from, to_length < from_length ? to_length : from_length);
}

bool sized_take(void *to, size_t length, const void *from, size_t size, size_t min)
{
	const char *bytes = from;

	if (size < min)
		return false;
	for (size_t i = length; i < size; i++) {
		if (bytes[i])
			return false;
	}
	sized_copy(to, length, from, size);
	return true;
}
