// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <stdio.h>

#include "safe_name.h"

const char *safe_name(const char *name, char text[SAFE_NAME_MAX])
{
	char *end = text;

	for (; *name && end < text + SAFE_NAME_MAX - 4; name++) {
		const unsigned char c = (unsigned char)*name;

		if (c > 0x20 && c < 0x7f && c != '\\')
			*end++ = *name;
		else
			end += sprintf(end, "\\x%02x", c);
	}
	*end = '\0';
	return text;
}
