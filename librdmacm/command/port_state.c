// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "port_state.h"

#define PATH_MAX_HERE 256

static const char version_1[] = "IB/RoCE v1";

bool sysfs_line(const char *path, char *line, size_t size)
{
	FILE *file = fopen(path, "re");
	bool read = file && fgets(line, (int)size, file);

	if (!read)
		*line = '\0';
	line[strcspn(line, "\n")] = '\0';
	if (file)
		fclose(file);
	return read;
}

static bool read_in_port(const char *sysfs, const char *device, uint32_t port, const char *file,
			 char line[64])
{
	char path[PATH_MAX_HERE];

	snprintf(path, sizeof(path), "%.100s/class/infiniband/%.64s/ports/%u/%.64s", sysfs, device,
		 port, file);
	return sysfs_line(path, line, 64);
}

/* "4: ACTIVE" */
static unsigned int parse_state(const char *line, char word[PORT_WORD_MAX])
{
	const char *colon = strchr(line, ':');
	size_t length = 0;

	*word = '\0';
	if (!isdigit((unsigned char)*line) || !colon)
		return 0;
	for (colon += strspn(colon, ": "); *colon && length < PORT_WORD_MAX - 1; colon++) {
		if (isalnum((unsigned char)*colon))
			word[length++] = *colon;
	}
	word[length] = '\0';
	return (unsigned int)strtoul(line, NULL, 10);
}

void port_state_read(const char *sysfs, const char *device, uint32_t port, struct port_state *state)
{
	char line[64];

	read_in_port(sysfs, device, port, "state", line);
	state->state = parse_state(line, state->word);
	read_in_port(sysfs, device, port, "phys_state", line);
	parse_state(line, state->link);
}

static DIR *open_table(const char *sysfs, const char *device, uint32_t port, const char *table)
{
	char path[PATH_MAX_HERE];

	snprintf(path, sizeof(path), "%.100s/class/infiniband/%.64s/ports/%u/%.32s", sysfs, device,
		 port, table);
	return opendir(path);
}

/* Limited and full members of a partition differ in the highest bit. */
static bool is_same_partition(unsigned long one, unsigned long other)
{
	return (one & 0x7fff) == (other & 0x7fff);
}

bool port_has_pkey(const char *sysfs, const char *device, uint32_t port, uint16_t pkey)
{
	DIR *dir = open_table(sysfs, device, port, "pkeys");
	const struct dirent *entry;
	bool found = false, any = false;
	char file[64], line[64];

	while (dir && !found && (entry = readdir(dir))) {
		snprintf(file, sizeof(file), "pkeys/%.32s", entry->d_name);
		if (!isdigit((unsigned char)*entry->d_name) ||
		    !read_in_port(sysfs, device, port, file, line))
			continue;
		any = true;
		found = is_same_partition(strtoul(line, NULL, 16), pkey);
	}
	if (dir)
		closedir(dir);
	return found || !any;
}

static void take_gid(const char *sysfs, const char *device, uint32_t port, const char *index,
		     const uint8_t gid[16], struct port_gid_types *types)
{
	char file[64], line[64];
	uint8_t found[16];

	snprintf(file, sizeof(file), "gids/%.32s", index);
	if (!read_in_port(sysfs, device, port, file, line) || inet_pton(AF_INET6, line, found) != 1)
		return;
	types->read = true;
	if (memcmp(found, gid, sizeof(found)))
		return;
	snprintf(file, sizeof(file), "gid_attrs/types/%.32s", index);
	if (!read_in_port(sysfs, device, port, file, line))
		return;
	if (!strcmp(line, version_1))
		types->v1 = true;
	else if (!strcmp(line, "RoCE v2"))
		types->v2 = true;
}

void port_gid_types_read(const char *sysfs, const char *device, uint32_t port,
			 const uint8_t gid[16], struct port_gid_types *types)
{
	DIR *dir = open_table(sysfs, device, port, "gids");
	const struct dirent *entry;

	memset(types, 0, sizeof(*types));
	while (dir && (entry = readdir(dir))) {
		if (isdigit((unsigned char)*entry->d_name))
			take_gid(sysfs, device, port, entry->d_name, gid, types);
	}
	if (dir)
		closedir(dir);
}

int port_roce_mode(const char *sysfs, const char *device, uint32_t port)
{
	char path[PATH_MAX_HERE], line[64];

	snprintf(path, sizeof(path),
		 "%.100s/kernel/config/rdma_cm/%.64s/ports/%u/default_roce_mode", sysfs, device,
		 port);
	sysfs_line(path, line, sizeof(line));
	return strcmp(line, version_1) ? 2 : 1;
}
