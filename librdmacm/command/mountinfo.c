// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <stdio.h>
#include <stdlib.h>
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
	const char *id = strsep(&line, " ");

	/* Behind its number are those of its parent and of the device. */
	mount->id = strtoull(id, NULL, 10);
	for (int i = 0; i < 2; i++)
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

bool mountinfo_is_local(const struct mountinfo *mount)
{
	static const char *const types[] = { "tmpfs", "ramfs", "ext2", "ext3",
					     "ext4",  "xfs",   "btrfs" };
	static const char separator[] = " - ";
	const char *type = strstr(mount->rest, separator);
	size_t length;

	if (!type)
		return false;
	type += sizeof(separator) - 1;
	length = strcspn(type, " \n");
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (strlen(types[i]) == length && !strncmp(type, types[i], length))
			return true;
	}
	return false;
}
