// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <stdio.h>
#include <string.h>

#include "mountinfo.h"

static bool is_octal(const char *text)
{
	return *text >= '0' && *text <= '7';
}

/* The kernel writes spaces and the like as \040. */
static void unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from; to++) {
		if (*from == '\\' && is_octal(from + 1) && is_octal(from + 2) &&
		    is_octal(from + 3)) {
			*to = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

bool mountinfo_parse(char *line, struct mountinfo *mount)
{
	/* Ahead of the root are the numbers of the mount, of its parent and of the device. */
	for (int i = 0; i < 3; i++)
		strsep(&line, " ");
	mount->root = strsep(&line, " ");
	mount->path = strsep(&line, " \n");
	mount->rest = line;
	if (!mount->path || !mount->rest)
		return false;
	unescape(mount->root);
	unescape(mount->path);
	return true;
}

uint64_t mountinfo_netns(const struct mountinfo *mount)
{
	unsigned long long inode;
	int end = 0;

	if (sscanf(mount->root, "net:[%llu]%n", &inode, &end) != 1 || !end || mount->root[end])
		return 0;
	return inode;
}
