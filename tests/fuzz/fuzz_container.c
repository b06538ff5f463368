// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * A file of control groups as it is, and again as a tenant's groups below its container's: what is
 * found is fit for a name, and the tenant cannot change it.
 */
#include <stdlib.h>
#include <string.h>

#include "container.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_word(const char *word)
{
	for (; *word; word++) {
		if (*word <= ' ' || *word >= 0x7f || strchr("\\\"/:", *word))
			abort();
	}
}

static void check_container(const struct container *container)
{
	char name[CONTAINER_NAME_MAX];

	check_word(container->engine);
	check_word(container->id);
	check_word(container->pod);
	if (!*container->id || !strncmp(container->engine, "pid", 3))
		abort();
	if (strlen(container_name(container, name)) + 1 == sizeof(name))
		abort();
}

static void check_file(const uint8_t *data, size_t size)
{
	FILE *file = size ? fmemopen((void *)data, size, "r") : NULL;
	struct container container;

	if (!file)
		return;
	container_read(file, &container);
	fclose(file);
	if (container.engine)
		check_container(&container);
}

static void check_tenant(const uint8_t *data, size_t size)
{
	static const char before[] = "/system.slice/docker-" ID ".scope/";
	char *path = malloc(sizeof(before) + size);
	struct container container;

	if (!path)
		abort();
	memcpy(path, before, sizeof(before) - 1);
	memcpy(path + sizeof(before) - 1, data, size);
	path[sizeof(before) - 1 + size] = '\0';
	if (container_parse(path, &container)) {
		if (strcmp(container.engine, "docker") || strcmp(container.id, ID) ||
		    *container.pod || container.user)
			abort();
	} else if (!strstr(path, "/..")) {
		abort();
	}
	if (container_parse(path + sizeof(before) - 2, &container))
		check_container(&container);
	free(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_file(data, size);
	check_tenant(data, size);
	return 0;
}
