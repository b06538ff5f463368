// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "device_files.h"

#define FOLDER "/dev/infiniband"
#define RDMA_CM FOLDER "/rdma_cm"
#define RDMA_CM_CLASS "/sys/class/misc/rdma_cm"
#define VERBS_CLASS "/sys/class/infiniband_verbs"

/* Such a mount says EACCES, too, and even to root. */
static bool is_on_nodev(const char *path)
{
	struct statvfs filesystem;

	return !statvfs(path, &filesystem) && filesystem.f_flag & ST_NODEV;
}

/* The file is there, but its number is not, or no longer, that of a device. */
static bool is_stale(int error)
{
	return error == ENXIO || error == ENODEV;
}

void cause_of_no_rdma_cm(int error, char text[CAUSE_MAX])
{
	const bool loaded = !access(RDMA_CM_CLASS, F_OK);

	if (error == EACCES && is_on_nodev(RDMA_CM))
		snprintf(text, CAUSE_MAX,
			 "the filesystem of " RDMA_CM
			 " allows no device files: mount it without 'nodev'");
	else if (error == EACCES)
		snprintf(text, CAUSE_MAX,
			 "no permission to open " RDMA_CM
			 ": its file mode decides who may open it (root always may)");
	else if (error == EPERM)
		snprintf(text, CAUSE_MAX,
			 "the device rules of this container forbid " RDMA_CM
			 ": start the container with that device");
	else if (error == ENOENT && loaded)
		snprintf(text, CAUSE_MAX,
			 "there is no " RDMA_CM
			 " here, though the module is loaded: give this container the device");
	else if (is_stale(error) && loaded)
		snprintf(text, CAUSE_MAX,
			 RDMA_CM
			 " has a number that is no longer the module's: "
			 "start this container anew, which gives it the device's file of now");
	else
		snprintf(
			text, CAUSE_MAX,
			RDMA_CM
			" cannot be opened (%s): load the module rdma_ucm "
			"('modprobe rdma_ucm' on the host; a file in /etc/modules-load.d does it at "
			"each boot)",
			strerror(error));
}

int tell_no_rdma_cm(const char *command, int error)
{
	char text[CAUSE_MAX];

	cause_of_no_rdma_cm(error, text);
	return failed("%s: %s", command, text);
}

/* Get the name that sysfs gives to the RDMA device behind a uverbs file. */
static void read_device(struct uverbs_file *uverbs)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), VERBS_CLASS "/%s/ibdev", uverbs->name);
	file = fopen(path, "re");
	if (!file || !fgets(uverbs->device, sizeof(uverbs->device), file))
		strcpy(uverbs->device, "?");
	uverbs->device[strcspn(uverbs->device, "\n")] = '\0';
	if (file)
		fclose(file);
}

static void path_of(const struct uverbs_file *file, char path[64])
{
	snprintf(path, 64, FOLDER "/%s", file->name);
}

static void try_to_open(struct uverbs_file *file)
{
	char path[64];
	int fd;

	path_of(file, path);
	fd = open(path, O_RDWR | O_CLOEXEC);
	file->error = fd < 0 ? errno : 0;
	if (fd >= 0)
		close(fd);
}

bool uverbs_files_try(void (*take)(void *context, const struct uverbs_file *file), void *context)
{
	DIR *dir = opendir(VERBS_CLASS);
	const struct dirent *entry;

	if (!dir)
		return false;
	while ((entry = readdir(dir))) {
		struct uverbs_file file = { 0 };

		if (strncmp(entry->d_name, "uverbs", 6) || strlen(entry->d_name) >= UVERBS_NAME_MAX)
			continue;
		strcpy(file.name, entry->d_name);
		try_to_open(&file);
		read_device(&file);
		take(context, &file);
	}
	closedir(dir);
	return true;
}

static const char *remedy(const struct uverbs_file *file, const char *path)
{
	if (file->error == EACCES && is_on_nodev(path))
		return "mount its filesystem without 'nodev'";
	if (file->error == EACCES)
		return "its file mode decides who may open it";
	if (file->error == EPERM)
		return "the device rules of this container forbid it; start the container with "
		       "that device";
	if (is_stale(file->error))
		return "it has a number that is no longer the device's; start this container anew";
	return "give this container the device";
}

void cause_of_uverbs(const struct uverbs_file *file, char text[CAUSE_MAX])
{
	char path[64], safe[SAFE_NAME_MAX];

	path_of(file, path);
	snprintf(text, CAUSE_MAX, "%s of device '%.64s' cannot be opened (%s): %s", path,
		 safe_name(file->device, safe), strerror(file->error), remedy(file, path));
}

static void take_first(void *context, const struct uverbs_file *file)
{
	struct uverbs_file *first = context;

	if (!first->error && file->error)
		*first = *file;
}

/* librdmacm opens the devices through these files, and fails with ENODEV if it cannot. */
bool cause_of_nodes(char text[CAUSE_MAX])
{
	struct uverbs_file first = { 0 };

	uverbs_files_try(take_first, &first);
	if (first.error)
		cause_of_uverbs(&first, text);
	return first.error;
}
