// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <ifaddrs.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <string.h>

#include "address.h"
#include "netdev_state.h"
#include "netlink.h"
#include "netns_thread.h"
#include "port_state.h"
#include "rtnetlink_message.h"

#define OPERSTATE_DORMANT 5 /* IF_OPER_DORMANT; its header does not go with net/if.h everywhere */

static void find_owner(struct netdev_state *netdev)
{
	const size_t length = netdev->address->ss_family == AF_INET ? 4 : 16;
	struct ifaddrs *list, *entry;

	if (getifaddrs(&list))
		return;
	for (entry = list; entry && !netdev->ifindex; entry = entry->ifa_next) {
		const struct sockaddr_storage *address = (void *)entry->ifa_addr;

		if (address && address->ss_family == netdev->address->ss_family &&
		    !memcmp(address_ip(address), address_ip(netdev->address), length))
			netdev->ifindex = if_nametoindex(entry->ifa_name);
	}
	freeifaddrs(list);
}

static int take_link(const struct nlmsghdr *header, void *data)
{
	const struct ifinfomsg *info = nlmsg_data(header);
	struct netdev_state *netdev = data;
	const struct nlattr *state;

	if (header->nlmsg_type != RTM_NEWLINK || !nlmsg_valid_hdr(header, sizeof(*info)))
		return 0;
	netdev->flags = info->ifi_flags;
	state = nlmsg_find_attr((struct nlmsghdr *)header, sizeof(*info), IFLA_OPERSTATE);
	netdev->dormant = state && nla_len(state) >= 1 && nla_get_u8(state) == OPERSTATE_DORMANT;
	return 0;
}

static void look_up(void *data)
{
	struct netdev_state *netdev = data;
	struct rtnetlink_request request;
	struct ifinfomsg *message;
	struct netlink netlink;

	if (netdev->address)
		find_owner(netdev);
	if (!netdev->ifindex || !if_indextoname(netdev->ifindex, netdev->name))
		return;
	if (netlink_open(&netlink, NETLINK_ROUTE, -1, NULL))
		return;
	message = rtnetlink_request_init(&request, RTM_GETLINK, sizeof(*message));
	message->ifi_index = (int)netdev->ifindex;
	(void)netlink_request(&netlink, &request.header, take_link, netdev);
	netlink_close(&netlink);
}

int netdev_state_look_up(int netns_fd, struct netdev_state *netdev)
{
	return netns_thread_run(netns_fd, look_up, netdev);
}

const char *netdev_word(const char *name, uint32_t ifindex, char text[IF_NAMESIZE])
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._@-";

	if (*name != '-' && !name[strspn(name, plain)])
		return name;
	snprintf(text, IF_NAMESIZE, "if%" PRIu32, ifindex);
	return text;
}

/* Only InfiniBand's ports have states of their own; others follow their netdev. */
static const char *cause_of_port(const char *name, const struct rdma_ns_netdev *netdev,
				 const char *sysfs, char text[CAUSE_MAX])
{
	struct port_state port;
	char device[SAFE_NAME_MAX];

	port_state_read(sysfs, netdev->device, netdev->port, &port);
	safe_name(netdev->device, device);
	if (port.state == PORT_DOWN) {
		snprintf(
			text, CAUSE_MAX,
			"netdev '%.64s' has no carrier, as port %.64s/%" PRIu32
			" has no link (%s): check the cable and the switch's port; 'rdma link' shows its state",
			name, device, netdev->port, port.link);
		return "no_link";
	}
	if (port.state == PORT_INIT || port.state == PORT_ARMED) {
		snprintf(
			text, CAUSE_MAX,
			"netdev '%.64s' has no carrier, as port %.64s/%" PRIu32
			" waits in state %s for a subnet manager: start one in this subnet, such as OpenSM",
			name, device, netdev->port, port.word);
		return "no_sm";
	}
	if (!port_has_pkey(sysfs, netdev->device, netdev->port, netdev->pkey)) {
		snprintf(
			text, CAUSE_MAX,
			"netdev '%.64s' has no carrier, as port %.64s/%" PRIu32
			" is not in the partition of P_Key 0x%04x: add the port to it at the subnet manager",
			name, device, netdev->port, netdev->pkey);
		return "no_p_key";
	}
	return NULL;
}

const char *cause_of_state(const struct netdev_state *netdev, const char *ip,
			   const struct rdma_ns_netdev *known, const char *sysfs,
			   char text[CAUSE_MAX])
{
	char name[SAFE_NAME_MAX], word[IF_NAMESIZE];
	const char *cause = NULL;

	safe_name(netdev->name, name);
	if (!(netdev->flags & IFF_UP)) {
		snprintf(text, CAUSE_MAX, "netdev '%.64s' is down: '%.256s link set %s up'", name,
			 ip, netdev_word(netdev->name, netdev->ifindex, word));
		return "down";
	}
	if (netdev->flags & IFF_RUNNING)
		return NULL;
	if (netdev->dormant) {
		snprintf(
			text, CAUSE_MAX,
			"netdev '%.64s' is dormant, though its port is up, as somebody has set its "
			"mode: '%.256s link set %s mode default state up'",
			name, ip, netdev_word(netdev->name, netdev->ifindex, word));
		return "dormant";
	}
	if (known && known->transport == RDMA_NS_TRANSPORT_IB && known->port)
		cause = cause_of_port(name, known, sysfs, text);
	if (cause)
		return cause;
	snprintf(text, CAUSE_MAX,
		 "netdev '%.64s' has no carrier: 'rdma link' shows its port's state", name);
	return "no_carrier";
}
