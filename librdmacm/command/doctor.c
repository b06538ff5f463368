// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* rdma-ns doctor: why does RDMA CM fail here? */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "address.h"
#include "doctor.h"
#include "output.h"
#include "sysfs.h"

static const char help[] =
	"Usage: rdma-ns doctor [OPTION]... [ADDRESS]\n"
	"\n"
	"Say why RDMA CM fails here: each cause in a line, with the remedy. With ADDRESS, what is needed\n"
	"to listen on this address, if it is one of this namespace, or otherwise to connect to it, is\n"
	"tried as well. Nothing is changed.\n"
	"\n"
	"  -N, --netns NETNS       look in another network namespace: a name of 'ip netns', a path, a\n"
	"                          process or a container, such as podman:0123456789ab\n"
	"  -j, --json              print JSON\n"
	"  -h, --help\n"
	"\n"
	"The exit status is 0 if nothing was found, 1 if something was found or it failed, 2 if the usage\n"
	"is wrong, and 3 if nothing was found but not everything could be seen. Hints do not count.\n";

enum { CAUSE, HINT, FINDING, REMEDY, COLUMNS };

static const struct output_column columns[COLUMNS] = {
	[CAUSE] = { "cause", OUTPUT_TEXT },
	[HINT] = { "hint", OUTPUT_BOOLEAN },
	[FINDING] = { "finding", OUTPUT_TEXT },
	[REMEDY] = { "remedy", OUTPUT_TEXT },
};

/* Each may rest on what those before it have found. */
static void (*const checks[])(struct doctor *doctor) = {
	doctor_check_files,   doctor_check_mad_files,	doctor_check_devices, doctor_check_drivers,
	doctor_check_memlock, doctor_check_rdma_limits, doctor_check_netdevs, doctor_check_arp,
	doctor_check_gids,    doctor_check_address,	doctor_check_kernel,  doctor_check_attempt,
};

static bool is_known(const struct doctor *doctor, const char *text)
{
	for (size_t i = 0; i < doctor->count; i++) {
		if (!strcmp(doctor->findings[i].text, text))
			return true;
	}
	return false;
}

static void add(struct doctor *doctor, const char *cause, bool hint, const char *text)
{
	/* The command that is ip there has a namespace's name in it. */
	char *safe = safe_message(text);
	struct finding *findings;

	if (safe && is_known(doctor, safe)) {
		free(safe);
		return;
	}
	findings = reallocarray(doctor->findings, doctor->count + 1, sizeof(*findings));
	if (findings)
		doctor->findings = findings;
	if (!safe || !findings) {
		doctor->no_memory = true;
		free(safe);
		return;
	}
	findings[doctor->count++] = (struct finding){ cause, hint, safe };
	doctor->causes += !hint;
}

void doctor_found(struct doctor *doctor, const char *cause, const char *text)
{
	add(doctor, cause, false, text);
}

__attribute__((format(printf, 4, 0))) static void add_format(struct doctor *doctor,
							     const char *cause, bool hint,
							     const char *format, va_list arguments)
{
	char *text;

	if (vasprintf(&text, format, arguments) < 0) {
		doctor->no_memory = true;
		return;
	}
	add(doctor, cause, hint, text);
	free(text);
}

void doctor_find(struct doctor *doctor, const char *cause, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	add_format(doctor, cause, false, format, arguments);
	va_end(arguments);
}

void doctor_hint(struct doctor *doctor, const char *cause, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	add_format(doctor, cause, true, format, arguments);
	va_end(arguments);
}

void doctor_unseen(struct doctor *doctor, const char *format, ...)
{
	char **unseen = reallocarray(doctor->unseen, doctor->unseen_count + 1, sizeof(*unseen));
	va_list arguments;

	if (!unseen) {
		doctor->no_memory = true;
		return;
	}
	doctor->unseen = unseen;
	va_start(arguments, format);
	if (vasprintf(&unseen[doctor->unseen_count], format, arguments) < 0)
		doctor->no_memory = true;
	else
		doctor->unseen_count++;
	va_end(arguments);
}

bool doctor_is_exclusive(const struct doctor *doctor)
{
	return doctor->features.netns_mode == RDMA_NS_NETNS_EXCLUSIVE;
}

bool doctor_is_in_first(const char *path, ino_t inode)
{
	struct stat status;

	return !stat(path, &status) && status.st_ino == inode;
}

bool doctor_has_address(const struct rdma_ns_netdev *netdev)
{
	for (size_t i = 0; i < netdev->addresses_count; i++) {
		const struct rdma_ns_address *address = &netdev->addresses[i];

		if (!address_bytes_link_local(address->family, address->bytes))
			return true;
	}
	return false;
}

int doctor_namespaces(struct namespaces *namespaces)
{
	return namespaces_find(namespaces, NAMESPACES_OF_PROCESSES);
}

static void add_line(struct output *output, const struct finding *finding)
{
	const char *end = strstr(finding->text, ": ");

	output_line(output);
	output_cell(output, CAUSE, "%s", finding->cause);
	output_cell(output, HINT, "%s", finding->hint ? "yes" : "no");
	if (!end)
		end = finding->text + strlen(finding->text);
	output_cell(output, FINDING, "%.*s", (int)(end - finding->text), finding->text);
	output_cell(output, REMEDY, "%s", *end ? end + 2 : "");
}

static int report_json(const struct doctor *doctor, const struct options *options)
{
	struct output output;

	output_begin(&output, options, "doctor", columns, COLUMNS);
	for (size_t i = 0; i < doctor->count; i++)
		add_line(&output, &doctor->findings[i]);
	return output_end(&output);
}

static int report_text(const struct doctor *doctor)
{
	for (size_t i = 0; i < doctor->count; i++) {
		const struct finding *finding = &doctor->findings[i];

		printf("%s%s\n", finding->hint ? "hint: " : "", finding->text);
	}
	if (doctor->causes)
		return print("");
	return print(
		doctor->address_given ?
			"nothing found; 'rdma-ns ping' tries a connection, with 'rdma-ns listen' at the other end\n" :
			"nothing found; with an ADDRESS, the way to it is tried as well\n");
}

/* What has been found counts even if not everything could be seen. */
static int report(const struct doctor *doctor, const struct options *options)
{
	const int status = options->json ? report_json(doctor, options) : report_text(doctor);

	if (status)
		return status;
	for (size_t i = 0; i < doctor->unseen_count; i++)
		failed("doctor: cannot tell %s", doctor->unseen[i]);
	if (doctor->no_memory)
		return failed("doctor: out of memory");
	if (doctor->causes)
		return STATUS_FAILED;
	return doctor->unseen_count ? STATUS_UNSEEN : STATUS_OK;
}

/*
 * /sys shows the devices in the namespace of whoever mounted it, and in exclusive mode no others.
 */
static int open_sysfs(struct doctor *doctor, char path[32])
{
	const int root = doctor->netns && doctor_is_exclusive(doctor) ?
				 sysfs_open(doctor->place.netns_fd) :
				 -1;

	if (root >= 0)
		snprintf(path, 32, "/proc/self/fd/%d", root);
	else
		strcpy(path, "/sys");
	doctor->sysfs = path;
	return root;
}

static void release(struct doctor *doctor)
{
	for (size_t i = 0; i < doctor->count; i++)
		free(doctor->findings[i].text);
	for (size_t i = 0; i < doctor->unseen_count; i++)
		free(doctor->unseen[i]);
	free(doctor->findings);
	free(doctor->unseen);
	rdma_devices_release(&doctor->devices);
}

static int examine(struct doctor *doctor, const struct options *options)
{
	struct rdma_ns_netdev *none = NULL, **list = NULL;
	char sysfs[32];
	int root, status;

	if (rdma_ns_query_features(&doctor->features, sizeof(doctor->features)))
		return failed("doctor: %s", error_text(errno));
	doctor->netdevs = &none;
	if (netdevs_of(doctor->place.netns_fd, &list) >= 0)
		doctor->netdevs = list;
	else
		doctor_unseen(doctor, "which netdevs have an RDMA device (%s): run it as root",
			      error_text(errno));
	doctor->no_devices = !list;
	doctor->devices_errno =
		rdma_devices_list(&doctor->devices, doctor->place.netns_fd) ? errno : 0;
	root = open_sysfs(doctor, sysfs);
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		checks[i](doctor);
	if (root >= 0)
		close(root);
	rdma_ns_free_netdevs(list);
	status = report(doctor, options);
	release(doctor);
	return status;
}

int command_doctor(const struct options *options, int count, char **words)
{
	struct peer_options own = { .json = options->json };
	struct options print_options = *options;
	struct doctor doctor = { 0 };
	int status;

	status = doctor_options(count, words, &own);
	if (status)
		return status;
	if (own.help)
		return print(help);
	status = place_find("doctor", &own, &doctor.place);
	if (!status) {
		doctor.netns = own.netns;
		doctor.address_given = own.address;
		print_options.json = own.json;
		status = examine(&doctor, &print_options);
	}
	place_close(&doctor.place);
	return status;
}
