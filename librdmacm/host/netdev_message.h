/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* What rtnetlink says about netdevs and their addresses, as plain structures. */
#ifndef RDMA_NS_NETDEV_MESSAGE_H
#define RDMA_NS_NETDEV_MESSAGE_H

#include <linux/netlink.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#define NETDEV_NAME_MAX 16
#define NETDEV_LLADDR_MAX 20 /* IPoIB's: flags, QPN (3), GID (16) */

struct netdev_link {
	uint32_t ifindex;
	char name[NETDEV_NAME_MAX];
	char kind[16];
	uint16_t type; /* ARPHRD_* */
	uint32_t flags; /* IFF_* */
	uint8_t lladdr[NETDEV_LLADDR_MAX];
	uint8_t lladdr_length;
	uint32_t master; /* ifindex or 0 */
	uint32_t lower; /* of a VLAN netdev, if in this namespace: ifindex or 0 */
	/* IPoIB: the ifindex of what it was made from, in any namespace; or its own, or 0 */
	uint32_t parent;
	uint16_t vlan; /* 0 unless a VLAN netdev */
	bool moved; /* it has gone to another namespace */
	bool backup; /* the port of a bond, and not an active one */
	bool drops_backups; /* a bond that drops what arrives on its backup ports */
	/* IPoIB, and bonds over it; 0 otherwise */
	uint16_t pkey;
	uint32_t qpn;
	uint8_t gid[16];
};

struct netdev_ip {
	uint32_t ifindex;
	sa_family_t family;
	uint8_t prefix_length;
	bool unusable; /* duplicate detection failed or has not ended */
	bool permanent; /* it has no lifetime, as one that a router gives always has */
	uint8_t bytes[16]; /* IPv4 in the first 4 */
	uint32_t created; /* in hundredths of a second since the start of the system */
};

enum netdev_message_kind {
	NETDEV_MESSAGE_OTHER, /* of no interest, or malformed */
	NETDEV_MESSAGE_LINK,
	NETDEV_MESSAGE_LINK_GONE,
	NETDEV_MESSAGE_IP,
	NETDEV_MESSAGE_IP_GONE,
};

struct netdev_message {
	enum netdev_message_kind kind;
	union {
		/* LINK_GONE: only ifindex, type and moved */
		struct netdev_link link;
		struct netdev_ip ip;
	};
};

/* The caller has made sure that as many bytes follow @header as its length says. */
void netdev_message_parse(const struct nlmsghdr *header, struct netdev_message *message);

#endif
