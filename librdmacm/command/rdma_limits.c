// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <stdlib.h>
#include <string.h>

#include "mountinfo.h"
#include "rdma_limits.h"

#define CONTROLLER "rdma"

static bool parse_value(const char *word, const char *key, uint32_t *value)
{
	const size_t length = strlen(key);
	unsigned long number;
	char *end;

	if (strncmp(word, key, length) || word[length] != '=')
		return false;
	word += length + 1;
	if (!strcmp(word, "max")) {
		*value = RDMA_NO_LIMIT;
		return true;
	}
	if (*word < '0' || *word > '9')
		return false;
	number = strtoul(word, &end, 10);
	*value = number < RDMA_NO_LIMIT ? (uint32_t)number : RDMA_NO_LIMIT;
	return !*end;
}

bool rdma_limit_parse(const char *line, struct rdma_limit *limit)
{
	char text[256], *rest = text, *word;
	bool any = false;

	if (strlen(line) >= sizeof(text))
		return false;
	strcpy(text, line);
	word = strsep(&rest, " \n");
	if (!*word || strlen(word) >= sizeof(limit->device))
		return false;
	memset(limit, 0, sizeof(*limit));
	strcpy(limit->device, word);
	limit->handles = limit->objects = RDMA_NO_LIMIT;
	while ((word = strsep(&rest, " \n"))) {
		any |= parse_value(word, "hca_handle", &limit->handles) ||
		       parse_value(word, "hca_object", &limit->objects);
	}
	return any;
}

/* Is the word one of a list that commas separate? */
static bool is_listed(const char *list, const char *word)
{
	const size_t length = strlen(word);

	while (strncmp(list, word, length) || !strchr(",\n ", list[length])) {
		list = strchr(list, ',');
		if (!list)
			return false;
		list++;
	}
	return true;
}

/* Of "OPTIONS [TAG]... - TYPE SOURCE SUPER-OPTIONS", the type and the last one. */
static bool parse_rest(const char *rest, char type[16], char options[256])
{
	const char *end = strstr(rest, " - ");

	return end && sscanf(end, " - %15s %*s %255s", type, options) == 2;
}

bool group_mount_find(FILE *mountinfo, struct group_mount *mount)
{
	char *line = NULL, type[16], options[256];
	struct mountinfo fields;
	bool found = false;
	size_t room = 0;

	while (getline(&line, &room, mountinfo) > 0) {
		bool unified;

		if (!mountinfo_parse(line, &fields) || !parse_rest(fields.rest, type, options) ||
		    strlen(fields.path) >= sizeof(mount->path) ||
		    strlen(fields.root) >= sizeof(mount->root))
			continue;
		unified = !strcmp(type, "cgroup2");
		/* With a hierarchy of version 1, the controller is not in the unified one. */
		if (unified ? found : strcmp(type, "cgroup") || !is_listed(options, CONTROLLER))
			continue;
		strcpy(mount->path, fields.path);
		strcpy(mount->root, fields.root);
		mount->unified = unified;
		found = true;
	}
	free(line);
	return found;
}

/* "NUMBER:CONTROLLERS:PATH"; version 2 has no controllers. */
static const char *path_in(char *line, bool unified)
{
	char *path = line, *controllers;

	strsep(&path, ":");
	controllers = strsep(&path, ":");
	if (!path || !controllers)
		return NULL;
	path[strcspn(path, "\n")] = '\0';
	if (unified ? *controllers : !is_listed(controllers, CONTROLLER))
		return NULL;
	return path;
}

bool group_folder(FILE *groups, const struct group_mount *mount, char *folder, size_t size)
{
	const size_t root = strcmp(mount->root, "/") ? strlen(mount->root) : 0;
	bool found = false;
	char *line = NULL;
	size_t room = 0;

	while (!found && getline(&line, &room, groups) > 0) {
		const char *path = path_in(line, mount->unified);

		if (!path || strncmp(path, mount->root, root) ||
		    (path[root] && path[root] != '/') || strstr(path, "/.."))
			continue;
		path += root;
		if (!strcmp(path, "/"))
			path = "";
		found = (size_t)snprintf(folder, size, "%s%s", mount->path, path) < size;
	}
	free(line);
	return found;
}
