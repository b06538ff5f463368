// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "doctor_counts.h"

/* Takes "WORD NUMBER"; the word is the kernel's own, of letters and the like. */
static bool is_count(const char *text)
{
	const size_t word = strspn(text, "abcdefghijklmnopqrstuvwxyz_");

	return word && text[word] == ' ' && isdigit((unsigned char)text[word + 1]) &&
	       !text[word + 1 + strspn(text + word + 1, "0123456789")];
}

bool doctor_counts(FILE *file, const char *prefix, char counts[DOCTOR_COUNTS_MAX])
{
	const size_t length = strlen(prefix);
	size_t used = 0;
	char line[128];
	bool any = false;

	*counts = '\0';
	while (fgets(line, sizeof(line), file)) {
		any = true;
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, prefix, length) || !is_count(line + length) ||
		    !strtoull(strchr(line + length, ' '), NULL, 10) ||
		    used + strlen(line + length) + 3 > DOCTOR_COUNTS_MAX)
			continue;
		used += (size_t)snprintf(counts + used, DOCTOR_COUNTS_MAX - used, "%s%s",
					 used ? ", " : "", line + length);
	}
	return any;
}
