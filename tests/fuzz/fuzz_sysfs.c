// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * /sys/class/infiniband, made of the input: the path of a file and its text, each with a zero byte
 * at its end, and so on.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ports.h"

#define FILES_MAX 64
#define DEPTH_MAX 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char root[64];

static int erase(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status;
	(void)type;
	/* The folder itself stays until the end. */
	if (walk->level && remove(path))
		abort();
	return 0;
}

static void empty(void)
{
	if (nftw(root, erase, 16, FTW_DEPTH | FTW_PHYS))
		abort();
}

static void end(void)
{
	empty();
	rmdir(root);
}

/* Nothing is created outside of the folder. */
static bool is_inside(const char *path)
{
	int depth = 0;

	for (const char *part = path; part; part = strchr(part, '/')) {
		part += *part == '/';
		if (!*part || *part == '/' || *part == '.' || depth++ == DEPTH_MAX)
			return false;
	}
	return *path != '/';
}

static void create(char *path, const char *text)
{
	char whole[1024];
	int length, fd;

	if (!is_inside(path))
		return;
	length = snprintf(whole, sizeof(whole), "%s/%s", root, path);
	if (length >= (int)sizeof(whole))
		return;
	for (char *slash = whole + strlen(root) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(whole, 0700);
		*slash = '/';
	}
	/* A file and a folder may have the same name in the input. */
	fd = open(whole, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	if (write(fd, text, strlen(text)) < 0)
		abort();
	close(fd);
}

static void check_port(const struct port *port)
{
	static const uint8_t none[8];

	if (!*port->device || !memchr(port->device, '\0', sizeof(port->device)) || !port->number ||
	    port->transport > RDMA_NS_TRANSPORT_IWARP || port->netdevs)
		abort();
	for (size_t i = 0; i < port->gids_count; i++) {
		const struct port_gid *gid = &port->gids[i];

		if (!memcmp(gid->gid + 8, none, sizeof(none)) || !port_has_gid(port, gid->gid) ||
		    !memchr(gid->netdev, '\0', sizeof(gid->netdev)) || strchr(gid->netdev, '\n') ||
		    (*gid->netdev && port->transport == RDMA_NS_TRANSPORT_IB) ||
		    (i && gid->index < gid[-1].index))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 2), *at = text;
	struct ports ports = { 0 };

	if (!text)
		abort();
	if (!*root) {
		/* In memory, where it is ten times as fast. */
		snprintf(root, sizeof(root), "%s/fuzz_sysfs.XXXXXX",
			 access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
		if (!mkdtemp(root))
			abort();
		atexit(end);
	}
	memcpy(text, data, size);
	memset(text + size, 0, 2);
	for (int i = 0; i < FILES_MAX && at < text + size; i++) {
		char *path = at;

		at += strlen(at) + 1;
		create(path, at);
		at += strlen(at) + 1;
	}
	free(text);
	if (ports_read(&ports, root))
		abort();
	for (size_t i = 0; i < ports.count; i++) {
		check_port(&ports.list[i]);
		if (!ports_find(&ports, ports.list[i].device, ports.list[i].number) ||
		    (i && strcmp(ports.list[i - 1].device, ports.list[i].device) > 0))
			abort();
	}
	ports_release(&ports);
	empty();
	return 0;
}
