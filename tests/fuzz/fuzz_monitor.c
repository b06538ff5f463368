// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * "rdma-ns monitor" over netdevs whose names and numbers the input has chosen, and traces that hold
 * anything: each line is printable, or one JSON object.
 */
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <linux/if_arp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "made_up.h"
#include "monitor_netdevs.h"
#include "monitor_resolution.h"
#include "monitor_trace.h"
#include "netdev_follow.h"
#include "text_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* In the place of the library's. */
int rdma_ns_query_features(struct rdma_ns_features *features, size_t size)
{
	memset(features, 0, size);
	return 0;
}

/* In the place of the kernel's answers. */
int netdev_dump_chosen(struct netlink *netlink, struct netdev_table *table,
		       const struct netdev_choice *choice)
{
	(void)netlink;
	(void)table;
	(void)choice;
	return 0;
}

static void put_link(struct nl_msg *message, uint8_t index)
{
	struct ifinfomsg link = { .ifi_index = index, .ifi_type = ARPHRD_INFINIBAND };
	uint8_t lladdr[20] = { 0, 0, 1, take_byte() };
	char name[NETDEV_NAME_MAX];

	take_name(name, sizeof(name));
	link.ifi_flags = take_byte() & 1;
	nlmsg_append(message, &link, sizeof(link), NLMSG_ALIGNTO);
	nla_put_string(message, IFLA_IFNAME, name);
	nla_put(message, IFLA_ADDRESS, sizeof(lladdr), lladdr);
	if (take_byte() & 1)
		nla_put_u32(message, IFLA_NEW_NETNSID, 1);
}

static void put_address(struct nl_msg *message, uint8_t index)
{
	struct ifaddrmsg address = { .ifa_family = AF_INET6, .ifa_index = index };
	uint8_t bytes[16] = { take_byte(), [15] = take_byte() };

	address.ifa_flags = take_byte();
	nlmsg_append(message, &address, sizeof(address), NLMSG_ALIGNTO);
	nla_put(message, IFA_ADDRESS, sizeof(bytes), bytes);
}

int netlink_drain(struct netlink *netlink, netlink_handler handler, void *data)
{
	for (uint8_t count = take_byte() % 16; count; count--) {
		static const int types[] = { RTM_NEWLINK, RTM_DELLINK, RTM_NEWADDR, RTM_DELADDR };
		const uint8_t choice = take_byte() % 4, index = take_byte() % 4;
		struct nl_msg *message = nlmsg_alloc_simple(types[choice], 0);

		if (!message)
			abort();
		netlink->namespace_number = take_byte() % 3 - 1;
		if (choice < 2)
			put_link(message, index);
		else
			put_address(message, index);
		handler(nlmsg_hdr(message), data);
		nlmsg_free(message);
	}
	return 0;
}

int netlink_open(struct netlink *netlink, int protocol, int netns_fd, const unsigned int *groups)
{
	(void)netlink;
	(void)protocol;
	(void)netns_fd;
	(void)groups;
	return -1;
}

int netlink_listen_to_all(struct netlink *netlink)
{
	(void)netlink;
	return -1;
}

void netlink_close(struct netlink *netlink)
{
	(void)netlink;
}

/* Each namespace has the number that its descriptor says. */
int netlink_request(struct netlink *netlink, struct nlmsghdr *request, netlink_handler handler,
		    void *data)
{
	struct nl_msg *message = nlmsg_alloc_simple(RTM_NEWNSID, 0);
	struct rtgenmsg general = { 0 };
	int result;

	(void)netlink;
	(void)request;
	if (!message)
		abort();
	nlmsg_append(message, &general, sizeof(general), NLMSG_ALIGNTO);
	nla_put_u32(message, 1, 0);
	result = handler(nlmsg_hdr(message), data);
	nlmsg_free(message);
	return result;
}

static void watch(struct monitor *monitor)
{
	char names[2][300], safe[2][SAFE_NAME_MAX];
	struct namespace list[2] = { { .inode = 1 }, { .inode = 2, .named = true } };
	struct namespaces namespaces = { .list = list, .count = 2 };

	for (int i = 0; i < 2; i++) {
		take_name(names[i], sizeof(names[i]));
		list[i].name = (char *)safe_name(names[i], safe[i]);
		take_name(list[i].leader.command, sizeof(list[i].leader.command));
		list[i].leader.pid = take_byte();
	}
	monitor_watches_update(&monitor->watches, &monitor->queries, &namespaces);
	monitor_netdevs_list(monitor);
}

/* What is left of the input is the trace. */
static void take_trace(struct monitor *monitor)
{
	struct monitor_trace trace;
	int ends[2];

	monitor_trace_init(&trace, "/nowhere");
	if (made_up.left > 4096)
		made_up.left = 4096;
	if (pipe(ends) || write(ends[1], made_up.at, made_up.left) != (ssize_t)made_up.left)
		abort();
	close(ends[1]);
	trace.pipe = ends[0];
	while (monitor_trace_take(monitor, &trace))
		continue;
	close(ends[0]);
}

static void check(const char *text, size_t length, bool json)
{
	check_printable(text, length);
	for (const char *end; json && length; length -= (size_t)(end - text), text = end) {
		end = (const char *)memchr(text, '\n', length) + 1;
		check_json(text, (size_t)(end - text));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct monitor monitor;
	uint8_t choice;
	char *text;
	size_t length;

	made_up.at = data;
	made_up.left = size;
	choice = take_byte();
	memset(&monitor, 0, sizeof(monitor));
	monitor.output.file = open_memstream(&text, &length);
	if (!monitor.output.file)
		abort();
	monitor.output.json = choice & 1;
	monitor.output.rate = choice & 2;
	monitor.filter.netdevs = monitor.started = monitor.all = true;
	watch(&monitor);
	monitor_netdevs_take(&monitor);
	take_trace(&monitor);
	fclose(monitor.output.file);
	check(text, length, monitor.output.json);
	free(text);
	monitor_watches_release(&monitor.watches);
	return 0;
}
