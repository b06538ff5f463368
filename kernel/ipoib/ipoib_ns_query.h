/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * Only ib_ipoib can tell which of its netdevs has a QP number, and how many of them fit a request.
 * The owner of a netdev can write its type, hardware address and broadcast address, so ib_ipoib
 * answers from the QP that it made.
 *
 * The question goes through ib_get_net_dev_by_params() in the place of an IP address, so that
 * ib_core need not change. A stock ib_ipoib does not know this address family: it leaves ->given
 * alone, and returns a netdev only if a single one has the port, the P_Key and the GID.
 */
#ifndef IPOIB_NS_QUERY_H
#define IPOIB_NS_QUERY_H

#include <linux/netdevice.h>
#include <linux/socket.h>
#include <linux/types.h>

/* This is beyond AF_MAX, so no socket has it. */
#define IPOIB_NS_FAMILY 0x4e53
/*
 * If the layout of the structures below changes, so does the version. Questions of another version
 * are not answered.
 */
#define IPOIB_NS_VERSION 1

enum ipoib_ns_question {
	/* Find the netdev with @qpn, the port and the P_Key, whatever its GID. */
	IPOIB_NS_BY_QPN,
	/*
	 * Find a netdev as rdma_cm has always done, but count the candidates: by port, P_Key and,
	 * if given, GID, and then by @address.
	 */
	IPOIB_NS_BY_ADDRESS,
	/* Hand each netdev of the port to @each. Returns no netdev. */
	IPOIB_NS_LIST,
};

struct ipoib_ns_answer {
	bool given;
	bool alone; /* BY_ADDRESS: only one netdev has the port, P_Key and GID */
	unsigned int candidates; /* BY_ADDRESS: how many netdevs fit */
	/* These describe the netdev that is returned. */
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
	/* Called under rcu_read_lock. */
	void (*each)(void *context, struct net_device *netdev, u32 qpn, u16 pkey);
	void *context;
};

/* ib_ipoib exports this symbol. Whoever finds it knows that such questions are answered. */
extern const unsigned int ipoib_ns_version;

#endif
