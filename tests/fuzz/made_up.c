// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include "made_up.h"

struct made_up made_up;

uint8_t take_byte(void)
{
	if (!made_up.left)
		return 0;
	made_up.left--;
	return *made_up.at++;
}

uint32_t take_number(unsigned int bytes)
{
	uint32_t number = 0;

	while (bytes--)
		number = number << 8 | take_byte();
	return number;
}

void take_name(char *name, size_t size)
{
	char byte;

	for (size_t i = 0; (byte = (char)take_byte()); i++) {
		if (i + 1 < size)
			*name++ = byte;
	}
	*name = '\0';
}
