// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <sys/mount.h>
#include <unistd.h>

#include "netns_thread.h"
#include "sysfs.h"

struct errand {
	int root, error;
};

static void open_here(void *data)
{
	int context = fsopen("sysfs", FSOPEN_CLOEXEC);
	struct errand *errand = data;

	if (context >= 0 && !fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		errand->root = fsmount(context, FSMOUNT_CLOEXEC, MOUNT_ATTR_RDONLY);
	errand->error = errno;
	if (context >= 0)
		close(context);
}

int sysfs_open(int netns_fd)
{
	struct errand errand = { .root = -1 };

	if (netns_thread_run(netns_fd, open_here, &errand))
		return -1;
	/* The thread has an errno of its own. */
	errno = errand.error;
	return errand.root;
}
