// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Device files, devices and their drivers in user space. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <infiniband/verbs.h>

#include "doctor.h"
#include "port_state.h"

struct files {
	struct doctor *doctor;
	bool all; /* report those that nobody here needs as well */
	size_t count, usable, reported;
};

static bool has_netdev(const struct doctor *doctor, const char *device)
{
	for (size_t i = 0; doctor->netdevs[i]; i++) {
		if (!strcmp(doctor->netdevs[i]->device, device))
			return true;
	}
	return false;
}

/* The kernel refuses to open the device of another namespace, too. */
static bool is_elsewhere(const struct doctor *doctor, const char *device)
{
	return doctor_is_exclusive(doctor) && !doctor->devices_errno &&
	       !rdma_devices_have(&doctor->devices, device);
}

static void take_file(void *context, const struct uverbs_file *file)
{
	struct files *files = context;
	struct doctor *doctor = files->doctor;
	char text[CAUSE_MAX];

	if (is_elsewhere(doctor, file->device))
		return;
	files->count++;
	files->usable += !file->error;
	if (!file->error || (!files->all && !has_netdev(doctor, file->device)))
		return;
	files->reported++;
	cause_of_uverbs(file, text);
	doctor_found(doctor, "uverbs", text);
}

void doctor_check_files(struct doctor *doctor)
{
	struct files files = { .doctor = doctor };
	char text[CAUSE_MAX];

	if (doctor->features.rdma_cm_errno) {
		cause_of_no_rdma_cm(doctor->features.rdma_cm_errno, text);
		doctor_found(doctor, "rdma_cm", text);
	}
	uverbs_files_try(take_file, &files);
	/* A container may have some of the host's devices only, but it needs one. */
	files.all = files.count && !files.usable && !files.reported;
	if (files.all)
		uverbs_files_try(take_file, &files);
}

/* Whoever opens an issm file has told the subnet that its port has a subnet manager. */
static bool may_use(DIR *folder, const char *name)
{
	return (!strncmp(name, "umad", 4) || !strncmp(name, "issm", 4)) &&
	       !faccessat(dirfd(folder), name, R_OK | W_OK, AT_EACCESS);
}

/* A network namespace of its own, as by ip netns, does not yet make a container. */
void doctor_check_mad_files(struct doctor *doctor)
{
	const struct dirent *entry;
	char name[SAFE_NAME_MAX];
	DIR *folder;

	if (doctor->netns || doctor_is_in_first("/proc/self/ns/pid", HOST_PID_NAMESPACE))
		return;
	folder = opendir("/dev/infiniband");
	do
		entry = folder ? readdir(folder) : NULL;
	while (entry && !may_use(folder, entry->d_name));
	if (entry)
		doctor_hint(
			doctor, "mad_files",
			"this container may open /dev/infiniband/%.64s, and so rule the subnet and switch "
			"off ports, the host's too: give it rdma_cm and the uverbs files alone ('--device "
			"/dev/infiniband/rdma_cm --device /dev/infiniband/uverbs0')",
			safe_name(entry->d_name, name));
	if (folder)
		closedir(folder);
}

/* Name a device of another namespace, and where it is. */
struct elsewhere {
	char device[SAFE_NAME_MAX];
	char netns[SAFE_NAME_MAX];
	bool hidden; /* a namespace could not be entered */
};

static bool find_elsewhere(struct elsewhere *elsewhere)
{
	struct namespaces namespaces;
	struct rdma_devices devices;
	bool found = false;

	if (doctor_namespaces(&namespaces))
		return false;
	/* The first is the caller's own, which -N may have left. */
	for (size_t i = 0; i < namespaces.count && !found; i++) {
		const struct namespace *namespace = &namespaces.list[i];

		if (rdma_devices_list(&devices, i ? namespace->fd : -1)) {
			elsewhere->hidden = true;
			continue;
		}
		found = devices.count;
		if (found) {
			safe_name(devices.names[0], elsewhere->device);
			snprintf(elsewhere->netns, sizeof(elsewhere->netns), "%s", namespace->name);
		}
		rdma_devices_release(&devices);
	}
	elsewhere->hidden |=
		namespaces.unseen[UNSEEN_PROCESSES] || namespaces.unseen[UNSEEN_HIDDEN];
	namespaces_release(&namespaces);
	return found;
}

static void tell_exclusive(struct doctor *doctor)
{
	static const char remedy[] =
		"move one by 'rdma dev set DEVICE netns NETNS' from there, or let all namespaces "
		"see all by 'rdma system set netns shared'";
	struct elsewhere elsewhere = { .hidden = false };

	if (find_elsewhere(&elsewhere)) {
		doctor_find(
			doctor, "exclusive",
			"each RDMA device belongs to one network namespace, and none to this one ('%.64s' "
			"to '%.256s'): %s",
			elsewhere.device, elsewhere.netns, remedy);
		return;
	}
	doctor_find(doctor, "exclusive",
		    "each RDMA device belongs to one network namespace, and none to this one: %s",
		    remedy);
	if (elsewhere.hidden)
		doctor_unseen(doctor, "which namespace has the RDMA devices: run it as root on the "
				      "host");
}

/* In exclusive mode, IPoIB's netdevs may be where their device is not. */
static void check_strangers(struct doctor *doctor)
{
	char name[SAFE_NAME_MAX];

	for (size_t i = 0; doctor->netdevs[i]; i++) {
		const struct rdma_ns_netdev *netdev = doctor->netdevs[i];

		if (*netdev->device || !doctor_has_address(netdev))
			continue;
		doctor_find(
			doctor, "exclusive",
			"each RDMA device belongs to one network namespace, and that of netdev '%.64s' to "
			"another one: move it here by 'rdma dev set DEVICE netns NETNS' from there, or "
			"let all namespaces see all by 'rdma system set netns shared'",
			safe_name(netdev->name, name));
	}
}

static bool has_infiniband(const struct doctor *doctor)
{
	char path[256], line[32];

	for (size_t i = 0; i < doctor->devices.count; i++) {
		snprintf(path, sizeof(path), "%.100s/class/infiniband/%.64s/ports/1/link_layer",
			 doctor->sysfs, doctor->devices.names[i]);
		if (sysfs_line(path, line, sizeof(line)) && !strcmp(line, "InfiniBand"))
			return true;
	}
	return false;
}

void doctor_check_devices(struct doctor *doctor)
{
	const bool no_rdma = doctor->features.netns_mode == RDMA_NS_NETNS_UNKNOWN;
	const size_t causes = doctor->causes;

	if (no_rdma && !doctor->features.devices)
		doctor_find(doctor, "no_device",
			    "this kernel has no RDMA: load ib_core and the driver of a device");
	else if (doctor->devices_errno)
		doctor_unseen(doctor,
			      "which RDMA devices there are (%s): run it as root on the host",
			      strerror(doctor->devices_errno));
	else if (!doctor->devices.count && doctor_is_exclusive(doctor))
		tell_exclusive(doctor);
	else if (!doctor->devices.count)
		doctor_find(
			doctor, "no_device",
			"this host has no RDMA device: load the driver of one; 'rdma dev' lists them");
	else if (doctor_is_exclusive(doctor))
		check_strangers(doctor);
	if (has_infiniband(doctor) && access("/sys/module/ib_ipoib", F_OK))
		doctor_find(
			doctor, "no_ipoib",
			"the module ib_ipoib is not loaded, so InfiniBand's ports have no netdevs: "
			"load it ('modprobe ib_ipoib' on the host)");
	doctor->no_devices |= doctor->causes != causes || doctor->devices_errno;
}

static bool is_in(struct ibv_device **list, const char *name)
{
	for (; list && *list; list++) {
		if (!strcmp(ibv_get_device_name(*list), name))
			return true;
	}
	return false;
}

static void take_driver(void *context, const struct uverbs_file *file)
{
	struct doctor *doctor = context;
	struct ibv_device **list = ibv_get_device_list(NULL);
	char name[SAFE_NAME_MAX];

	if (list && !file->error && !is_in(list, file->device) &&
	    !is_elsewhere(doctor, file->device))
		doctor_find(
			doctor, "no_driver",
			"libibverbs has no driver for device '%.64s' here: install it, as the package "
			"ibverbs-providers or rdma-core, also in a container's image",
			safe_name(file->device, name));
	if (list)
		ibv_free_device_list(list);
}

/* Not where -N leads, since this process's libraries are the caller's. */
void doctor_check_drivers(struct doctor *doctor)
{
	if (!doctor->netns)
		uverbs_files_try(take_driver, doctor);
}
