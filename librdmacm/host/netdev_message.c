// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <linux/if_addr.h>
#include <linux/if_arp.h>
#include <linux/if_bonding.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <string.h>

#include "netdev_message.h"

static void copy_string(char *to, size_t size, const struct nlattr *attribute)
{
	if (attribute)
		nla_strlcpy(to, attribute, size);
}

static bool get_u16(const struct nlattr *attribute, uint16_t *value)
{
	if (!attribute || nla_len(attribute) < (int)sizeof(*value))
		return false;
	*value = nla_get_u16(attribute);
	return true;
}

static bool get_u32(const struct nlattr *attribute, uint32_t *value)
{
	if (!attribute || nla_len(attribute) < (int)sizeof(*value))
		return false;
	*value = nla_get_u32(attribute);
	return true;
}

static bool get_u8(const struct nlattr *attribute, uint8_t *value)
{
	if (!attribute || nla_len(attribute) < (int)sizeof(*value))
		return false;
	*value = nla_get_u8(attribute);
	return true;
}

/* In the other modes, all ports deliver to the bond. IPoIB bonds can only be active-backup. */
static void parse_bond(struct nlattr *attribute, struct netdev_link *link)
{
	struct nlattr *data[IFLA_BOND_MAX + 1];
	uint8_t mode, all_slaves_active = 0;

	if (nla_parse_nested(data, IFLA_BOND_MAX, attribute, NULL) ||
	    !get_u8(data[IFLA_BOND_MODE], &mode))
		return;
	get_u8(data[IFLA_BOND_ALL_SLAVES_ACTIVE], &all_slaves_active);
	link->drops_backups = mode == BOND_MODE_ACTIVEBACKUP && !all_slaves_active;
}

static void parse_port(struct nlattr *const *info, struct netdev_link *link)
{
	struct nlattr *data[IFLA_BOND_SLAVE_MAX + 1];
	uint8_t state;

	if (!info[IFLA_INFO_SLAVE_KIND] || !info[IFLA_INFO_SLAVE_DATA] ||
	    nla_strcmp(info[IFLA_INFO_SLAVE_KIND], "bond") ||
	    nla_parse_nested(data, IFLA_BOND_SLAVE_MAX, info[IFLA_INFO_SLAVE_DATA], NULL))
		return;
	if (get_u8(data[IFLA_BOND_SLAVE_STATE], &state))
		link->backup = state == BOND_STATE_BACKUP;
}

/* The kind, and the numbers that come with it. */
static bool parse_kind(struct nlattr *attribute, struct netdev_link *link)
{
	struct nlattr *info[IFLA_INFO_MAX + 1], *data[IFLA_IPOIB_MAX + IFLA_VLAN_MAX + 1];
	bool has_pkey = false;

	if (!attribute || nla_parse_nested(info, IFLA_INFO_MAX, attribute, NULL))
		return false;
	copy_string(link->kind, sizeof(link->kind), info[IFLA_INFO_KIND]);
	parse_port(info, link);
	if (!info[IFLA_INFO_DATA])
		return false;
	if (!strcmp(link->kind, "ipoib")) {
		if (!nla_parse_nested(data, IFLA_IPOIB_MAX, info[IFLA_INFO_DATA], NULL))
			has_pkey = get_u16(data[IFLA_IPOIB_PKEY], &link->pkey);
	} else if (!strcmp(link->kind, "vlan")) {
		if (!nla_parse_nested(data, IFLA_VLAN_MAX, info[IFLA_INFO_DATA], NULL))
			get_u16(data[IFLA_VLAN_ID], &link->vlan);
	} else if (!strcmp(link->kind, "bond")) {
		parse_bond(info[IFLA_INFO_DATA], link);
	}
	return has_pkey;
}

static void parse_link(const struct nlmsghdr *header, struct netdev_message *message)
{
	const struct ifinfomsg *info = nlmsg_data(header);
	struct nlattr *attributes[IFLA_MAX + 1];
	struct netdev_link *link = &message->link;
	const struct nlattr *broadcast;
	bool has_pkey;

	/* Bridges describe their ports in messages of the same type, which lack most attributes. */
	if (!nlmsg_valid_hdr(header, sizeof(*info)) || info->ifi_family != AF_UNSPEC ||
	    info->ifi_index <= 0)
		return;
	memset(link, 0, sizeof(*link));
	link->ifindex = (uint32_t)info->ifi_index;
	link->type = info->ifi_type;
	if (header->nlmsg_type == RTM_DELLINK)
		message->kind = NETDEV_MESSAGE_LINK_GONE;
	if (nlmsg_parse((struct nlmsghdr *)header, sizeof(*info), attributes, IFLA_MAX, NULL))
		return;
	link->moved = attributes[IFLA_NEW_NETNSID];
	if (header->nlmsg_type == RTM_DELLINK)
		return;
	/* Wireless events lack them as well. */
	if (!attributes[IFLA_IFNAME] || attributes[IFLA_WIRELESS])
		return;
	message->kind = NETDEV_MESSAGE_LINK;
	link->type = info->ifi_type;
	link->flags = info->ifi_flags;
	copy_string(link->name, sizeof(link->name), attributes[IFLA_IFNAME]);
	if (attributes[IFLA_ADDRESS] && nla_len(attributes[IFLA_ADDRESS]) <= NETDEV_LLADDR_MAX) {
		link->lladdr_length = (uint8_t)nla_len(attributes[IFLA_ADDRESS]);
		memcpy(link->lladdr, nla_data(attributes[IFLA_ADDRESS]), link->lladdr_length);
	}
	get_u32(attributes[IFLA_MASTER], &link->master);
	has_pkey = parse_kind(attributes[IFLA_LINKINFO], link);

	/* The netdev below a VLAN netdev is in this namespace unless the kernel names another. */
	if (link->vlan && !attributes[IFLA_LINK_NETNSID])
		get_u32(attributes[IFLA_LINK], &link->lower);

	if (link->type != ARPHRD_INFINIBAND || link->lladdr_length != NETDEV_LLADDR_MAX) {
		link->pkey = 0;
		return;
	}
	/* The kernel leaves out the netdev's own ifindex, which a child may share by chance. */
	link->parent = link->ifindex;
	get_u32(attributes[IFLA_LINK], &link->parent);
	link->qpn = (uint32_t)link->lladdr[1] << 16 | link->lladdr[2] << 8 | link->lladdr[3];
	memcpy(link->gid, link->lladdr + 4, sizeof(link->gid));
	broadcast = attributes[IFLA_BROADCAST];
	if (!has_pkey && broadcast && nla_len(broadcast) == NETDEV_LLADDR_MAX) {
		const uint8_t *bytes = nla_data(broadcast);

		link->pkey = (uint16_t)(bytes[8] << 8 | bytes[9]);
	}
}

static void parse_ip(const struct nlmsghdr *header, struct netdev_message *message)
{
	const struct ifaddrmsg *info = nlmsg_data(header);
	struct nlattr *attributes[IFA_MAX + 1], *address;
	struct ifa_cacheinfo times = { 0 };
	struct netdev_ip *ip = &message->ip;
	int length;
	uint32_t flags;

	if (!nlmsg_valid_hdr(header, sizeof(*info)) || !info->ifa_index ||
	    (info->ifa_family != AF_INET && info->ifa_family != AF_INET6) ||
	    nlmsg_parse((struct nlmsghdr *)header, sizeof(*info), attributes, IFA_MAX, NULL))
		return;
	/* On a point-to-point link, IFA_ADDRESS is the peer's address. */
	address = attributes[IFA_LOCAL] ? attributes[IFA_LOCAL] : attributes[IFA_ADDRESS];
	length = info->ifa_family == AF_INET ? 4 : 16;
	if (!address || nla_len(address) != length)
		return;
	flags = info->ifa_flags;
	get_u32(attributes[IFA_FLAGS], &flags);

	memset(ip, 0, sizeof(*ip));
	ip->ifindex = info->ifa_index;
	ip->family = info->ifa_family;
	ip->prefix_length = info->ifa_prefixlen;
	ip->unusable =
		flags & IFA_F_DADFAILED || (flags & IFA_F_TENTATIVE && !(flags & IFA_F_OPTIMISTIC));
	ip->permanent = flags & IFA_F_PERMANENT;
	memcpy(ip->bytes, nla_data(address), (size_t)length);
	if (attributes[IFA_CACHEINFO])
		nla_memcpy(&times, attributes[IFA_CACHEINFO], sizeof(times));
	ip->created = times.cstamp;
	message->kind =
		header->nlmsg_type == RTM_NEWADDR ? NETDEV_MESSAGE_IP : NETDEV_MESSAGE_IP_GONE;
}

void netdev_message_parse(const struct nlmsghdr *header, struct netdev_message *message)
{
	message->kind = NETDEV_MESSAGE_OTHER;
	switch (header->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		parse_link(header, message);
		break;
	case RTM_NEWADDR:
	case RTM_DELADDR:
		parse_ip(header, message);
		break;
	}
}
