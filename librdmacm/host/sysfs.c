// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <sys/mount.h>
#include <unistd.h>

#include "netns_thread.h"
#include "sysfs.h"

static void open_here(void *data)
{
	int context = fsopen("sysfs", FSOPEN_CLOEXEC), *root = data;

	if (context < 0)
		return;
	if (!fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		*root = fsmount(context, FSMOUNT_CLOEXEC, MOUNT_ATTR_RDONLY);
	close(context);
}

int sysfs_open(int netns_fd)
{
	int root = -1;

	return netns_thread_run(netns_fd, open_here, &root) ? -1 : root;
}
