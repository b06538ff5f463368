// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ports.h"

/* The first line of a file, or "". */
static void read_line(int folder, const char *path, char *line, size_t size)
{
	int fd = openat(folder, path, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : read(fd, line, size - 1);

	line[length > 0 ? length : 0] = '\0';
	line[strcspn(line, "\n")] = '\0';
	if (fd >= 0)
		close(fd);
}

/* NULL if it is not there. */
static DIR *open_folder(int folder, const char *path)
{
	int fd = openat(folder, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir && fd >= 0)
		close(fd);
	return dir;
}

/* Parse text that is a number and nothing else. */
static bool parse_number(const char *text, uint32_t *number)
{
	unsigned long value;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	value = strtoul(text, &end, 10);
	if (*end || errno || value > UINT32_MAX)
		return false;
	*number = (uint32_t)value;
	return true;
}

static bool is_empty(const uint8_t gid[16])
{
	static const uint8_t zero[8];

	return !memcmp(gid + 8, zero, sizeof(zero));
}

static int compare_gids(const void *a, const void *b)
{
	const struct port_gid *one = a, *other = b;

	return one->index < other->index ? -1 : one->index > other->index;
}

static int read_gids(int folder, struct port *port)
{
	DIR *dir = open_folder(folder, "gids");
	const struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		char path[64], line[64];
		struct port_gid *gids, gid;

		if (!parse_number(entry->d_name, &gid.index))
			continue;
		snprintf(path, sizeof(path), "gids/%u", gid.index);
		read_line(folder, path, line, sizeof(line));
		if (inet_pton(AF_INET6, line, gid.gid) != 1 || is_empty(gid.gid))
			continue;
		gid.netdev[0] = '\0';
		if (port->transport != RDMA_NS_TRANSPORT_IB) {
			snprintf(path, sizeof(path), "gid_attrs/ndevs/%u", gid.index);
			read_line(folder, path, gid.netdev, sizeof(gid.netdev));
		}
		gids = reallocarray(port->gids, port->gids_count + 1, sizeof(*gids));
		if (!gids) {
			closedir(dir);
			return -1;
		}
		port->gids = gids;
		port->gids[port->gids_count++] = gid;
	}
	if (dir)
		closedir(dir);
	if (port->gids_count)
		qsort(port->gids, port->gids_count, sizeof(*port->gids), compare_gids);
	return 0;
}

static int read_port(int folder, const char *device, uint32_t number, bool iwarp,
		     struct ports *ports)
{
	struct port *list, *port;
	char line[32];

	list = reallocarray(ports->list, ports->count + 1, sizeof(*list));
	if (!list)
		return -1;
	ports->list = list;
	port = &list[ports->count++];
	memset(port, 0, sizeof(*port));
	memcpy(port->device, device, strlen(device));
	port->number = number;
	read_line(folder, "link_layer", line, sizeof(line));
	if (iwarp)
		port->transport = RDMA_NS_TRANSPORT_IWARP;
	else if (!strcmp(line, "InfiniBand"))
		port->transport = RDMA_NS_TRANSPORT_IB;
	else if (!strcmp(line, "Ethernet"))
		port->transport = RDMA_NS_TRANSPORT_ROCE;
	return read_gids(folder, port);
}

static int read_device(int folder, const char *device, struct ports *ports)
{
	const struct dirent *entry;
	char line[64];
	bool iwarp;
	int result = 0;
	DIR *dir;

	read_line(folder, "node_type", line, sizeof(line));
	iwarp = strstr(line, "RNIC") != NULL;
	dir = open_folder(folder, "ports");
	while (dir && !result && (entry = readdir(dir))) {
		uint32_t number;
		int fd;

		if (!parse_number(entry->d_name, &number) || !number)
			continue;
		fd = openat(dirfd(dir), entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0)
			continue;
		result = read_port(fd, device, number, iwarp, ports);
		close(fd);
	}
	if (dir)
		closedir(dir);
	return result;
}

static int compare_ports(const void *a, const void *b)
{
	const struct port *one = a, *other = b;
	int result = strcmp(one->device, other->device);

	if (result)
		return result;
	return one->number < other->number ? -1 : one->number > other->number;
}

int ports_read(struct ports *ports, const char *sysfs)
{
	struct ports read = { 0 };
	const struct dirent *entry;
	int result = 0;
	DIR *dir;

	dir = opendir(sysfs);
	while (dir && !result && (entry = readdir(dir))) {
		int fd;

		if (entry->d_name[0] == '.' ||
		    strnlen(entry->d_name, RDMA_NS_DEVICE_NAME_MAX) == RDMA_NS_DEVICE_NAME_MAX)
			continue;
		/* Devices come and go: one that has just disappeared is left out. */
		fd = openat(dirfd(dir), entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0)
			continue;
		result = read_device(fd, entry->d_name, &read);
		close(fd);
	}
	if (dir)
		closedir(dir);
	if (result) {
		ports_release(&read);
		errno = ENOMEM;
		return -1;
	}
	if (read.count)
		qsort(read.list, read.count, sizeof(*read.list), compare_ports);
	ports_release(ports);
	*ports = read;
	return 0;
}

void ports_release(struct ports *ports)
{
	for (size_t i = 0; i < ports->count; i++) {
		free(ports->list[i].gids);
		free(ports->list[i].netdevs);
	}
	free(ports->list);
	ports->list = NULL;
	ports->count = 0;
}

const struct port *ports_find(const struct ports *ports, const char *device, uint32_t number)
{
	for (size_t i = 0; i < ports->count; i++) {
		if (ports->list[i].number == number && !strcmp(ports->list[i].device, device))
			return &ports->list[i];
	}
	return NULL;
}

bool port_has_gid(const struct port *port, const uint8_t gid[16])
{
	for (size_t i = 0; i < port->gids_count; i++) {
		if (!memcmp(port->gids[i].gid, gid, 16))
			return true;
	}
	return false;
}

bool port_has_netdev(const struct port *port, uint32_t ifindex)
{
	for (size_t i = 0; i < port->netdevs_count; i++) {
		if (port->netdevs[i].ifindex == ifindex)
			return true;
	}
	return !port->netdevs;
}
