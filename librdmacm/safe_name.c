// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "safe_name.h"

#define ENCODED_MAX 4 /* bytes that stand for one */

static char *encode(char *end, char byte, bool plain)
{
	if (!plain)
		return end + sprintf(end, "\\x%02x", (unsigned char)byte);
	*end = byte;
	return end + 1;
}

const char *safe_name(const char *name, char text[SAFE_NAME_MAX])
{
	char *end = text;

	for (; *name && end < text + SAFE_NAME_MAX - ENCODED_MAX; name++)
		end = encode(end, *name, *name > ' ' && *name < 0x7f && *name != '\\');
	*end = '\0';
	return text;
}

char *safe_message(const char *message)
{
	char *text = malloc(strlen(message) * ENCODED_MAX + 1), *end = text;

	if (!text)
		return NULL;
	for (; *message; message++)
		end = encode(end, *message, *message >= ' ' && *message < 0x7f);
	*end = '\0';
	return text;
}
