// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * A line of mountinfo as it is, and again as the root and the path that the kernel would write into
 * one: what is read is what was mounted.
 */
#include <stdlib.h>
#include <string.h>

#include "mountinfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* On its own, so that a read past its end is seen. */
static char *copy(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

static char *escape(char *to, const char *from)
{
	for (; *from; from++) {
		if (!strchr(" \t\n\\", *from)) {
			*to++ = *from;
			continue;
		}
		*to++ = '\\';
		*to++ = (char)('0' + (*from >> 6));
		*to++ = (char)('0' + (*from >> 3 & 7));
		*to++ = (char)('0' + (*from & 7));
	}
	return to;
}

static void check_mount(const char *root, const char *path)
{
	static const char before[] = "36 35 0:4 ", after[] = " rw,relatime - tmpfs tmpfs rw\n";
	char *line = malloc(4 * (strlen(root) + strlen(path)) + sizeof(before) + sizeof(after));
	struct mountinfo mount;
	char *end;

	if (!line)
		abort();
	memcpy(line, before, sizeof(before) - 1);
	end = escape(line + sizeof(before) - 1, root);
	*end++ = ' ';
	end = escape(end, path);
	memcpy(end, after, sizeof(after));
	if (!mountinfo_parse(line, &mount) || strcmp(mount.root, root) ||
	    strcmp(mount.path, path) || strcmp(mount.rest, after + 1) || mount.id != 36 ||
	    !mountinfo_is_local(&mount))
		abort();
	free(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *line = copy(data, size), *path = copy(data, size);
	const size_t half = size / 2;
	char *root = copy(data + half, size - half);
	struct mountinfo mount;

	if (mountinfo_parse(line, &mount)) {
		mountinfo_netns(&mount);
		mountinfo_is_local(&mount);
		if (strlen(mount.path) + strlen(mount.root) + strlen(mount.rest) > size)
			abort();
	}
	path[half] = '\0';
	check_mount(root, path);
	free(root);
	free(path);
	free(line);
	return 0;
}
