// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * "rdma-ns netdevs", "audit" and "show" over a made-up host, in which the input has chosen all names
 * and numbers: tables, JSON and OpenMetrics stay what they should be.
 */
#include <errno.h>
#include <fcntl.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <rdma/rdma_netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "capture.h"
#include "kernel_counters.h"
#include "made_up.h"
#include "namespace_holders.h"
#include "namespace_numbers.h"
#include "netdev_follow.h"
#include "sysfs.h"
#include "text_check.h"

#define FIRST_INODE 4026531840u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct {
	uint64_t inodes;
	bool leaders;
} host;

/* In the place of the library's. */
int rdma_ns_query_features(struct rdma_ns_features *features, size_t size)
{
	memset(features, 0, size);
	features->devices = 1;
	return 0;
}

static struct rdma_ns_netdev *make_netdev(void)
{
	const uint8_t count = take_byte() % 3;
	struct rdma_ns_netdev *netdev = calloc(1, sizeof(*netdev));
	struct rdma_ns_address *addresses = calloc(count + 1u, sizeof(*addresses));

	if (!netdev || !addresses)
		abort();
	take_name(netdev->device, sizeof(netdev->device));
	take_name(netdev->name, sizeof(netdev->name));
	take_name(netdev->kind, sizeof(netdev->kind));
	netdev->transport = take_byte() % (RDMA_NS_TRANSPORT_IWARP + 1);
	netdev->port = take_byte() % 3;
	netdev->ifindex = take_byte();
	netdev->master = take_byte();
	netdev->up = take_byte() & 1;
	netdev->pkey = (uint16_t)take_number(2);
	netdev->vlan = (uint16_t)take_number(2) & 0xfff;
	netdev->qpn = take_number(3);
	for (uint8_t i = 0; i < count; i++) {
		addresses[i].family = take_byte() & 1 ? AF_INET : AF_INET6;
		addresses[i].prefix_length = take_byte() & 127;
		addresses[i].bytes[0] = take_byte();
		addresses[i].bytes[3] = take_byte();
	}
	netdev->addresses = addresses;
	netdev->addresses_count = count;
	return netdev;
}

int rdma_ns_get_netdevs(struct rdma_ns_netdev ***list, size_t size)
{
	const uint8_t count = take_byte() % 4;

	(void)size;
	*list = calloc(count + 1u, sizeof(**list));
	if (!*list)
		abort();
	for (uint8_t i = 0; i < count; i++)
		(*list)[i] = make_netdev();
	return count;
}

int rdma_ns_get_netdevs_in(int netns_fd, struct rdma_ns_netdev ***list, size_t size)
{
	(void)netns_fd;
	if (take_byte() & 1)
		return rdma_ns_get_netdevs(list, size);
	errno = EPERM;
	return -1;
}

void rdma_ns_free_netdevs(struct rdma_ns_netdev **list)
{
	for (size_t i = 0; list && list[i]; i++) {
		free((void *)list[i]->addresses);
		free(list[i]);
	}
	free(list);
}

/* In the place of the search. */
uint64_t netlink_netns_inode(int netns_fd)
{
	(void)netns_fd;
	return FIRST_INODE + host.inodes++;
}

int namespace_holders_named(struct namespaces *namespaces, bool add)
{
	const uint8_t count = take_byte() % 4;
	char name[300], text[SAFE_NAME_MAX];

	(void)add;
	for (uint8_t i = 0; i < count; i++) {
		take_name(name, sizeof(name));
		if (namespaces_add(namespaces, open("/dev/null", O_RDONLY | O_CLOEXEC), name))
			abort();
	}
	if (take_byte() & 1) {
		take_name(name, sizeof(name));
		namespaces_unseen(namespaces, NOT_NAMESPACES, safe_name(name, text), 0);
	}
	return 0;
}

int namespace_holders_processes(struct namespaces *namespaces, enum namespaces_extent extent)
{
	(void)namespaces;
	(void)extent;
	return 0;
}

/* Of the caller's own namespace, the only one here that has one. */
void namespace_leader_read(struct namespace_leader *leader, pid_t pid, int folder, const char *task)
{
	char line[300];
	FILE *file;

	(void)folder;
	(void)task;
	leader->pid = pid;
	if (!host.leaders)
		return;
	take_name(leader->command, sizeof(leader->command));
	take_name(line, sizeof(line));
	file = *line ? fmemopen(line, strlen(line), "r") : NULL;
	if (!file)
		return;
	container_read(file, &leader->container);
	fclose(file);
}

bool namespace_holders_is_host_pid(void)
{
	return true;
}

int namespace_numbers_check(struct namespaces *namespaces)
{
	(void)namespaces;
	return 0;
}

int sysfs_open(int netns_fd)
{
	(void)netns_fd;
	return -1;
}

FILE *__real_fopen(const char *path, const char *mode);
FILE *__wrap_fopen(const char *path, const char *mode);
int __real_stat(const char *path, struct stat *status);
int __wrap_stat(const char *path, struct stat *status);

static FILE *open_text(void)
{
	static char text[64];
	const size_t length = 1 + take_byte() % sizeof(text);

	for (size_t i = 0; i < length; i++)
		text[i] = (char)take_byte();
	return fmemopen(text, length, "r");
}

/* A process's name, and its namespace. */
FILE *__wrap_fopen(const char *path, const char *mode)
{
	static char name[32];
	size_t length;

	if (!strncmp(path, KERNEL_COUNTERS_FOLDER, strlen(KERNEL_COUNTERS_FOLDER)) ||
	    strstr(path, "/rdma_cm_listeners"))
		return open_text();
	if (strncmp(path, "/proc/", 6) || !strstr(path, "/comm"))
		return __real_fopen(path, mode);
	take_name(name, 16);
	length = strlen(name);
	name[length] = '\n';
	return fmemopen(name, length + 1, "r");
}

int __wrap_stat(const char *path, struct stat *status)
{
	if (strncmp(path, "/proc/", 6))
		return __real_stat(path, status);
	memset(status, 0, sizeof(*status));
	status->st_ino = FIRST_INODE + take_byte() % 4;
	return 0;
}

/* In the place of the kernel's answers. */
int netlink_open(struct netlink *netlink, int protocol, int netns_fd, const unsigned int *groups)
{
	(void)netlink;
	(void)protocol;
	(void)netns_fd;
	(void)groups;
	return 0;
}

void netlink_close(struct netlink *netlink)
{
	(void)netlink;
}

static struct nl_msg *make_message(int type)
{
	struct nl_msg *message = nlmsg_alloc_simple(type, 0);

	if (!message)
		abort();
	return message;
}

int netdev_dump(struct netlink *netlink, struct netdev_table *table)
{
	(void)netlink;
	for (uint8_t i = take_byte() % 4; i; i--) {
		struct ifinfomsg link = { .ifi_index = take_byte() };
		struct ifaddrmsg address = { .ifa_family = AF_INET,
					     .ifa_index = (uint32_t)link.ifi_index };
		struct nl_msg *message = make_message(RTM_NEWLINK);
		uint8_t bytes[4] = { take_byte(), 0, 0, take_byte() };
		char name[NETDEV_NAME_MAX];

		take_name(name, sizeof(name));
		nlmsg_append(message, &link, sizeof(link), NLMSG_ALIGNTO);
		nla_put_string(message, IFLA_IFNAME, name);
		nla_put_u32(message, IFLA_MASTER, take_byte());
		netdev_table_apply(table, nlmsg_hdr(message));
		nlmsg_free(message);
		message = make_message(RTM_NEWADDR);
		nlmsg_append(message, &address, sizeof(address), NLMSG_ALIGNTO);
		nla_put(message, IFA_LOCAL, sizeof(bytes), bytes);
		netdev_table_apply(table, nlmsg_hdr(message));
		nlmsg_free(message);
	}
	return 0;
}

int netdev_follow_open(struct netdev_follow *follow, int netns_fd)
{
	(void)follow;
	(void)netns_fd;
	return 0;
}

void netdev_follow_close(struct netdev_follow *follow)
{
	netdev_table_release(&follow->table);
}

int netlink_drain(struct netlink *netlink, netlink_handler handler, void *data)
{
	(void)netlink;
	(void)handler;
	(void)data;
	return 0;
}

/* Attributes of any length, with anything in them. */
static void put_ids(struct nl_msg *message)
{
	struct nlattr *table, *entry;
	uint8_t bytes[255];
	char name[80];

	take_name(name, sizeof(name));
	nla_put_string(message, RDMA_NLDEV_ATTR_DEV_NAME, name);
	table = nla_nest_start(message, RDMA_NLDEV_ATTR_RES_CM_ID);
	for (uint8_t i = take_byte() % 4; i; i--) {
		entry = nla_nest_start(message, RDMA_NLDEV_ATTR_RES_CM_ID_ENTRY);
		for (uint8_t j = take_byte() % 12; j; j--) {
			const uint8_t type = take_byte(), length = take_byte();

			for (uint8_t k = 0; k < length; k++)
				bytes[k] = take_byte();
			nla_put(message, type, length, bytes);
		}
		nla_nest_end(message, entry);
	}
	nla_nest_end(message, table);
}

int netlink_request(struct netlink *netlink, struct nlmsghdr *request, netlink_handler handler,
		    void *data)
{
	struct nl_msg *message = make_message(request->nlmsg_type);
	int result;

	(void)netlink;
	if (request->nlmsg_type == RDMA_NL_GET_TYPE(RDMA_NL_NLDEV, RDMA_NLDEV_CMD_GET))
		nla_put_u32(message, RDMA_NLDEV_ATTR_DEV_INDEX, 0);
	else
		put_ids(message);
	result = handler(nlmsg_hdr(message), data);
	nlmsg_free(message);
	return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int (*const commands[])(const struct options *, int, char **) = {
		command_netdevs,
		command_audit,
		command_show,
	};
	struct options options = { 0 };
	struct capture capture;
	uint8_t choice;

	made_up.at = data;
	made_up.left = size;
	host.inodes = 0;
	choice = take_byte();
	options.json = choice & 4;
	options.no_headings = choice & 8;
	options.all = choice & 16;
	host.leaders = choice & 32;
	choice %= 4;
	if (choice == 3) {
		options.json = false;
		options.openmetrics = true;
		choice = 1;
	}
	capture_begin(&capture);
	commands[choice](&options, 0, NULL);
	capture_end(&capture);
	if (options.json)
		check_json(capture.output, capture.output_length);
	if (options.openmetrics)
		check_openmetrics(capture.output, capture.output_length);
	capture_release(&capture);
	return 0;
}
