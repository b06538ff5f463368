// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/if_arp.h>
#include <linux/if_bonding.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include <cmocka.h>

#include "ns_messages.h"

static struct rtattr *put(struct ns_message *message, uint16_t type, const void *data,
			  size_t length)
{
	struct rtattr *attribute =
		(void *)((char *)message + NLMSG_ALIGN(message->header.nlmsg_len));

	attribute->rta_type = type;
	attribute->rta_len = (unsigned short)RTA_LENGTH(length);
	if (length)
		memcpy(RTA_DATA(attribute), data, length);
	message->header.nlmsg_len =
		NLMSG_ALIGN(message->header.nlmsg_len) + RTA_ALIGN(attribute->rta_len);
	assert_true(message->header.nlmsg_len <= sizeof(*message));
	return attribute;
}

static void end(struct ns_message *message, struct rtattr *nest)
{
	nest->rta_len =
		(unsigned short)((char *)message + message->header.nlmsg_len - (char *)nest);
}

static void put_kind(struct ns_message *message, const struct ns_link *link)
{
	const uint8_t mode = BOND_MODE_ACTIVEBACKUP, all_active = !link->drops_backups;
	const uint8_t state = link->backup ? BOND_STATE_BACKUP : BOND_STATE_ACTIVE;
	const uint16_t vlan = link->vlan, pkey = link->pkey;
	struct rtattr *info, *data;

	info = put(message, IFLA_LINKINFO, NULL, 0);
	put(message, IFLA_INFO_KIND, link->kind, strlen(link->kind) + 1);
	data = put(message, IFLA_INFO_DATA, NULL, 0);
	if (vlan)
		put(message, IFLA_VLAN_ID, &vlan, sizeof(vlan));
	if (link->qpn && !link->pkey_in_broadcast_only)
		put(message, IFLA_IPOIB_PKEY, &pkey, sizeof(pkey));
	if (!strcmp(link->kind, "bond")) {
		put(message, IFLA_BOND_MODE, &mode, sizeof(mode));
		put(message, IFLA_BOND_ALL_SLAVES_ACTIVE, &all_active, sizeof(all_active));
	}
	end(message, data);
	if (link->master) {
		put(message, IFLA_INFO_SLAVE_KIND, "bond", sizeof("bond"));
		data = put(message, IFLA_INFO_SLAVE_DATA, NULL, 0);
		put(message, IFLA_BOND_SLAVE_STATE, &state, sizeof(state));
		end(message, data);
	}
	end(message, info);
}

void ns_message_link(struct ns_message *message, uint16_t type, const struct ns_link *link)
{
	uint8_t lladdr[20] = { 0x80, (uint8_t)(link->qpn >> 16), (uint8_t)(link->qpn >> 8),
			       (uint8_t)link->qpn };
	uint8_t broadcast[20] = { 0, 0xff, 0xff, 0xff, 0xff, 0x12, 0x40, 0x1b,
				  (uint8_t)(link->pkey >> 8), (uint8_t)link->pkey };
	struct ifinfomsg *info;

	memset(message, 0, sizeof(*message));
	message->header.nlmsg_type = type;
	message->header.nlmsg_len = NLMSG_LENGTH(sizeof(*info));
	info = NLMSG_DATA(&message->header);
	info->ifi_index = (int)link->ifindex;
	info->ifi_type = link->qpn ? ARPHRD_INFINIBAND : ARPHRD_ETHER;
	info->ifi_flags = link->down ? 0 : IFF_UP;
	if (link->name)
		put(message, IFLA_IFNAME, link->name, strlen(link->name) + 1);
	if (link->qpn) {
		memcpy(lladdr + 4, link->gid, 16);
		put(message, IFLA_ADDRESS, lladdr, sizeof(lladdr));
		put(message, IFLA_BROADCAST, broadcast, sizeof(broadcast));
	} else if (link->mac) {
		put(message, IFLA_ADDRESS, link->mac, 6);
	}
	if (link->master)
		put(message, IFLA_MASTER, &link->master, sizeof(link->master));
	if (link->lower)
		put(message, IFLA_LINK, &link->lower, sizeof(link->lower));
	if (link->parent)
		put(message, IFLA_LINK, &link->parent, sizeof(link->parent));
	if (link->kind)
		put_kind(message, link);
}

void ns_message_ip(struct ns_message *message, uint16_t type, uint32_t ifindex, const char *address,
		   uint8_t prefix_length, uint32_t flags)
{
	const sa_family_t family = strchr(address, ':') ? AF_INET6 : AF_INET;
	struct ifaddrmsg *info;
	uint8_t bytes[16];

	memset(message, 0, sizeof(*message));
	message->header.nlmsg_type = type;
	message->header.nlmsg_len = NLMSG_LENGTH(sizeof(*info));
	info = NLMSG_DATA(&message->header);
	info->ifa_family = (unsigned char)family;
	info->ifa_prefixlen = prefix_length;
	info->ifa_index = ifindex;
	assert_int_equal(inet_pton(family, address, bytes), 1);
	put(message, family == AF_INET ? IFA_LOCAL : IFA_ADDRESS, bytes,
	    family == AF_INET ? 4 : 16);
	put(message, IFA_FLAGS, &flags, sizeof(flags));
}

void ns_message_created(struct ns_message *message, uint32_t created)
{
	const struct ifa_cacheinfo times = { .cstamp = created };

	put(message, IFA_CACHEINFO, &times, sizeof(times));
}

void ns_add_link(struct netdev_table *table, const struct ns_link *link)
{
	struct ns_message message;

	ns_message_link(&message, RTM_NEWLINK, link);
	assert_int_equal(netdev_table_apply(table, &message.header), 0);
}

void ns_remove_link(struct netdev_table *table, uint32_t ifindex)
{
	const struct ns_link link = { .ifindex = ifindex };
	struct ns_message message;

	ns_message_link(&message, RTM_DELLINK, &link);
	assert_int_equal(netdev_table_apply(table, &message.header), 0);
}

void ns_add_ip(struct netdev_table *table, uint32_t ifindex, const char *address)
{
	struct ns_message message;

	ns_message_ip(&message, RTM_NEWADDR, ifindex, address, 24, 0);
	assert_int_equal(netdev_table_apply(table, &message.header), 0);
}

void ns_remove_ip(struct netdev_table *table, uint32_t ifindex, const char *address)
{
	struct ns_message message;

	ns_message_ip(&message, RTM_DELADDR, ifindex, address, 24, 0);
	assert_int_equal(netdev_table_apply(table, &message.header), 0);
}

struct sockaddr_storage ns_sockaddr(const char *address, uint16_t port)
{
	struct sockaddr_storage storage = { 0 };
	struct sockaddr_in6 *in6 = (void *)&storage;
	struct sockaddr_in *in = (void *)&storage;

	if (strchr(address, ':')) {
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(port);
		assert_int_equal(inet_pton(AF_INET6, address, &in6->sin6_addr), 1);
	} else {
		in->sin_family = AF_INET;
		in->sin_port = htons(port);
		assert_int_equal(inet_pton(AF_INET, address, &in->sin_addr), 1);
	}
	return storage;
}
