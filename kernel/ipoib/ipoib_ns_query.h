/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What only ib_ipoib can tell: which of its netdevs has a QP number, and how many fit a request.
 * Type, hardware address and broadcast address of a netdev are its owner's to write; ib_ipoib
 * answers from the QP that it made.
 *
 * The question goes through ib_get_net_dev_by_params() in the place of an IP address, so that
 * ib_core stays as it is. A stock ib_ipoib knows no such address family: it leaves ->given alone,
 * and returns a netdev only if a single one has the port, the P_Key and the GID.
 */
#ifndef IPOIB_NS_QUERY_H
#define IPOIB_NS_QUERY_H

#include <linux/netdevice.h>
#include <linux/socket.h>
#include <linux/types.h>

/* Beyond AF_MAX, hence no socket's. */
#define IPOIB_NS_FAMILY 0x4e53
/* Another layout of what follows is another version, which is not answered. */
#define IPOIB_NS_VERSION 1

#define IPOIB_NS_PKEY_MASK 0x7fff /* P_Keys are compared without the membership bit */

enum ipoib_ns_question {
	/* The netdev with @qpn, the port and the P_Key, whatever its GID. */
	IPOIB_NS_BY_QPN,
	/*
	 * As rdma_cm has always asked, but counted: port, P_Key and, if given, GID, then @address.
	 */
	IPOIB_NS_BY_ADDRESS,
	/* All netdevs of the port, each handed to @each. Returns none. */
	IPOIB_NS_LIST,
};

struct ipoib_ns_answer {
	bool given;
	bool alone; /* BY_ADDRESS: only one netdev has the port, P_Key and GID */
	unsigned int candidates; /* BY_ADDRESS: how many fit */
	/* Of the netdev returned. */
	u32 qpn;
	u16 pkey;
};

struct ipoib_ns_query {
	sa_family_t family;
	u16 version;
	enum ipoib_ns_question question;
	struct ipoib_ns_answer *answer;

	u32 qpn;
	const struct sockaddr *address;
	/* Under rcu_read_lock. */
	void (*each)(void *context, struct net_device *netdev, u32 qpn, u16 pkey);
	void *context;
};

/* ib_ipoib exports it. Whoever finds it knows that such questions are answered. */
extern const unsigned int ipoib_ns_version;

#endif
