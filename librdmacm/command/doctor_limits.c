// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* How much memory may be pinned, and how much of a device may be used. */
#include <errno.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "doctor.h"
#include "rdma_limits.h"

/*
 * A QP with its CQs takes up to a megabyte of pinned memory, and buffers come on top: this is
 * enough for some dozens of connections. UCX, libfabric and Open MPI pin what their programs send.
 */
#define MEMLOCK_ENOUGH (64ul << 20)

/* A connection takes a PD, a CQ, a QP and an MR. */
#define OBJECTS_ENOUGH 4

/* The kernel asks for it in the first user namespace, which rootless containers are not in. */
static bool may_lock_all(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { { 0 } };

	return doctor_is_in_first("/proc/self/ns/user", HOST_USER_NAMESPACE) &&
	       !syscall(SYS_capget, &header, data) && data[0].effective & (1u << CAP_IPC_LOCK);
}

void doctor_check_memlock(struct doctor *doctor)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_MEMLOCK, &limit) || limit.rlim_cur >= MEMLOCK_ENOUGH || may_lock_all())
		return;
	doctor_find(
		doctor, "memlock",
		"only %llu KiB of memory may be locked, and less than %lu MiB is too little for "
		"many programs (UCX, libfabric and Open MPI want no limit): 'ulimit -l "
		"unlimited', '--ulimit memlock=-1' for a container, 'LimitMEMLOCK=infinity' for a "
		"unit, or a file in /etc/security/limits.d",
		(unsigned long long)limit.rlim_cur >> 10, MEMLOCK_ENOUGH >> 20);
}

static bool find_line(const char *folder, const char *name, const char *device,
		      struct rdma_limit *limit)
{
	char path[1024], line[256];
	bool found = false;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "re");
	while (file && !found && fgets(line, sizeof(line), file))
		found = rdma_limit_parse(line, limit) && !strcmp(limit->device, device);
	if (file)
		fclose(file);
	return found;
}

static uint32_t rest(uint32_t limit, uint32_t current)
{
	if (limit == RDMA_NO_LIMIT)
		return RDMA_NO_LIMIT;
	return current < limit ? limit - current : 0;
}

static void check_device(struct doctor *doctor, const char *folder, const char *device)
{
	struct rdma_limit limit, current;
	char path[SAFE_NAME_MAX], name[SAFE_NAME_MAX];
	uint32_t handles, objects;

	if (!find_line(folder, "rdma.max", device, &limit))
		return;
	/* What is not in use is not listed. */
	if (!find_line(folder, "rdma.current", device, &current))
		current.handles = current.objects = 0;
	handles = rest(limit.handles, current.handles);
	objects = rest(limit.objects, current.objects);
	if (handles && objects >= OBJECTS_ENOUGH)
		return;
	doctor_find(doctor, "rdma_limit",
		    "this control group may use %" PRIu32
		    " more %s of device '%.64s': raise the limit on the host, in %.256s/rdma.max",
		    handles ? objects : handles, handles ? "hca_object" : "hca_handle",
		    safe_name(device, name), safe_name(folder, path));
}

static void check_folder(struct doctor *doctor, const char *folder)
{
	for (size_t i = 0; i < doctor->devices.count; i++)
		check_device(doctor, folder, doctor->devices.names[i]);
}

/* The limits of a group's ancestors count as well, as far as they are mounted here. */
static void check_groups(struct doctor *doctor, char *folder, size_t top)
{
	char *slash;

	check_folder(doctor, folder);
	while (strlen(folder) > top && (slash = strrchr(folder, '/'))) {
		*slash = '\0';
		check_folder(doctor, folder);
	}
}

/* Does the kernel have the controller? */
static bool has_controller(void)
{
	char line[128];
	bool found = false;
	FILE *file = fopen("/proc/cgroups", "re");

	while (file && !found && fgets(line, sizeof(line), file))
		found = !strncmp(line, "rdma\t", 5);
	if (file)
		fclose(file);
	return found;
}

void doctor_check_rdma_limits(struct doctor *doctor)
{
	FILE *mountinfo = fopen("/proc/self/mountinfo", "re");
	FILE *groups = fopen("/proc/self/cgroup", "re");
	struct group_mount mount;
	char folder[768];

	if (mountinfo && groups && group_mount_find(mountinfo, &mount)) {
		if (group_folder(groups, &mount, folder, sizeof(folder)))
			check_groups(doctor, folder, strlen(mount.path));
		else
			doctor_unseen(doctor,
				      "how much of the RDMA devices may be used, as this process's "
				      "control group is not in what is mounted on %.200s: look at "
				      "rdma.max on the host",
				      mount.path);
	} else if (has_controller() &&
		   !doctor_is_in_first("/proc/self/ns/cgroup", HOST_CGROUP_NAMESPACE)) {
		doctor_unseen(doctor,
			      "how much of the RDMA devices may be used, as no control groups are "
			      "mounted here: look at rdma.max on the host");
	}
	if (mountinfo)
		fclose(mountinfo);
	if (groups)
		fclose(groups);
}
