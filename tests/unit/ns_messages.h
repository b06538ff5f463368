/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* rtnetlink messages as the kernel sends them, for tests. */
#ifndef NS_MESSAGES_H
#define NS_MESSAGES_H

#include "netdev_table.h"
#include "ports.h"

struct ns_link {
	uint32_t ifindex;
	const char *name;
	const char *kind;
	bool down;
	bool backup; /* the port of a bond */
	bool drops_backups; /* a bond */
	uint32_t master;
	uint32_t lower; /* VLAN */
	uint16_t vlan;
	const uint8_t *mac; /* Ethernet */
	/* IPoIB: with a QPN */
	uint32_t qpn;
	uint16_t pkey;
	const uint8_t *gid;
	bool pkey_in_broadcast_only; /* as bonds have it */
	uint32_t parent; /* 0: the kernel does not tell it */
};

struct ns_message {
	struct nlmsghdr header;
	char body[512];
};

void ns_message_link(struct ns_message *message, uint16_t type, const struct ns_link *link);
void ns_message_ip(struct ns_message *message, uint16_t type, uint32_t ifindex, const char *address,
		   uint8_t prefix_length, uint32_t flags);

/* When an address came, in hundredths of a second. */
void ns_message_created(struct ns_message *message, uint32_t created);

/* Apply such a message; the test fails if that does. */
void ns_add_link(struct netdev_table *table, const struct ns_link *link);
void ns_remove_link(struct netdev_table *table, uint32_t ifindex);
void ns_add_ip(struct netdev_table *table, uint32_t ifindex, const char *address);
void ns_remove_ip(struct netdev_table *table, uint32_t ifindex, const char *address);

struct sockaddr_storage ns_sockaddr(const char *address, uint16_t port);

#endif
