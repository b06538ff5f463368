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

/* Something may well be there, but this process cannot look. */
static bool is_shortage(void)
{
	return errno == EMFILE || errno == ENFILE || errno == ENOMEM;
}

/* *fd is -1 if it is not there, or no folder. Returns -1 and sets errno on a shortage. */
static int open_entry(int folder, const char *name, int *fd)
{
	*fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return *fd < 0 && is_shortage() ? -1 : 0;
}

static void close_entry(int fd)
{
	const int error = errno;

	close(fd);
	errno = error;
}

static void close_folder(DIR *dir)
{
	const int error = errno;

	if (dir)
		closedir(dir);
	errno = error;
}

/* The first line of a file, or "" if it is not there. Returns -1 and sets errno on a shortage. */
static int read_line(int folder, const char *path, char *line, size_t size)
{
	int fd = openat(folder, path, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : read(fd, line, size - 1);
	const int result = length < 0 && is_shortage() ? -1 : 0;

	line[length > 0 ? length : 0] = '\0';
	line[strcspn(line, "\n")] = '\0';
	if (fd >= 0)
		close_entry(fd);
	return result;
}

/* *dir is NULL if it is not there. Returns -1 and sets errno on a shortage. */
static int open_folder(int folder, const char *path, DIR **dir)
{
	int fd;

	*dir = NULL;
	if (open_entry(folder, path, &fd))
		return -1;
	if (fd < 0)
		return 0;
	*dir = fdopendir(fd);
	if (*dir)
		return 0;
	close_entry(fd);
	return -1;
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

static int read_gid(int folder, uint32_t index, struct port *port)
{
	struct port_gid *gids, gid = { .index = index };
	char path[64], line[64];

	snprintf(path, sizeof(path), "gids/%u", index);
	if (read_line(folder, path, line, sizeof(line)))
		return -1;
	if (inet_pton(AF_INET6, line, gid.gid) != 1 || is_empty(gid.gid))
		return 0;
	if (port->transport != RDMA_NS_TRANSPORT_IB) {
		snprintf(path, sizeof(path), "gid_attrs/ndevs/%u", index);
		if (read_line(folder, path, gid.netdev, sizeof(gid.netdev)))
			return -1;
	}
	gids = reallocarray(port->gids, port->gids_count + 1, sizeof(*gids));
	if (!gids)
		return -1;
	port->gids = gids;
	port->gids[port->gids_count++] = gid;
	return 0;
}

static int read_gids(int folder, struct port *port)
{
	const struct dirent *entry;
	int result = 0;
	DIR *dir;

	if (open_folder(folder, "gids", &dir))
		return -1;
	while (dir && !result && (entry = readdir(dir))) {
		uint32_t index;

		if (parse_number(entry->d_name, &index))
			result = read_gid(folder, index, port);
	}
	close_folder(dir);
	if (port->gids_count)
		qsort(port->gids, port->gids_count, sizeof(*port->gids), compare_gids);
	return result;
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
	if (read_line(folder, "link_layer", line, sizeof(line)))
		return -1;
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

	if (read_line(folder, "node_type", line, sizeof(line)) ||
	    open_folder(folder, "ports", &dir))
		return -1;
	iwarp = strstr(line, "RNIC") != NULL;
	while (dir && !result && (entry = readdir(dir))) {
		uint32_t number;
		int fd;

		if (!parse_number(entry->d_name, &number) || !number)
			continue;
		result = open_entry(dirfd(dir), entry->d_name, &fd);
		if (fd < 0)
			continue;
		result = read_port(fd, device, number, iwarp, ports);
		close_entry(fd);
	}
	close_folder(dir);
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
	int result, error;
	DIR *dir;

	result = open_folder(AT_FDCWD, sysfs, &dir);
	while (dir && !result && (entry = readdir(dir))) {
		int fd;

		if (entry->d_name[0] == '.' ||
		    strnlen(entry->d_name, RDMA_NS_DEVICE_NAME_MAX) == RDMA_NS_DEVICE_NAME_MAX)
			continue;
		/* Devices come and go: one that has just disappeared is left out. */
		result = open_entry(dirfd(dir), entry->d_name, &fd);
		if (fd < 0)
			continue;
		result = read_device(fd, entry->d_name, &read);
		close_entry(fd);
	}
	close_folder(dir);
	if (result) {
		error = errno;
		ports_release(&read);
		errno = error;
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
