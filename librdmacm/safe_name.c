// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "safe_name.h"

#define ENCODED_MAX 4 /* bytes that stand for one */
#define NUMBER_MAX 24 /* "\...", 20 digits */

static char *encode(char *end, char byte, bool plain)
{
	if (!plain)
		return end + sprintf(end, "\\x%02x", (unsigned char)byte);
	*end = byte;
	return end + 1;
}

/*
 * Encode the name up to where less than @reserved bytes and the final zero would be left. Returns
 * the rest of the name.
 */
static const char *encode_name(const char *name, char text[SAFE_NAME_MAX], size_t reserved,
			       char **end)
{
	const char *const limit = text + SAFE_NAME_MAX - ENCODED_MAX - reserved;

	for (*end = text; *name && *end < limit; name++)
		*end = encode(*end, *name, *name > ' ' && *name < 0x7f && *name != '\\');
	**end = '\0';
	return name;
}

const char *safe_name(const char *name, char text[SAFE_NAME_MAX])
{
	char *end;

	encode_name(name, text, 0, &end);
	return text;
}

const char *safe_name_numbered(const char *name, uint64_t number, char text[SAFE_NAME_MAX])
{
	char *end;

	if (!*encode_name(name, text, 0, &end))
		return text;
	encode_name(name, text, NUMBER_MAX, &end);
	sprintf(end, "\\...%" PRIu64, number);
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
