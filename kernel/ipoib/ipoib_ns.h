/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* The netdevs of ib_ipoib, found by their QPN. */
#ifndef IPOIB_NS_H
#define IPOIB_NS_H

#include <linux/list.h>
#include <linux/netdevice.h>
#include <linux/rhashtable-types.h>
#include <linux/socket.h>
#include <rdma/ib_verbs.h>

#define IPOIB_NS_PKEY_MASK 0x7fff /* P_Keys are compared without the membership bit */

struct ipoib_dev_priv;
struct ipoib_ns_answer;

struct ipoib_ns_key {
	struct ib_device *ca;
	unsigned long qpn; /* no padding, because keys are compared as bytes */
};

/* This is part of struct ipoib_dev_priv. */
struct ipoib_ns {
	struct rhash_head node;
	struct list_head entry; /* on the list of all netdevs, oldest first */
	struct ipoib_ns_key key;
	bool hashed;
};

int ipoib_ns_init(void);
void ipoib_ns_exit(void);
void ipoib_ns_made(struct ipoib_dev_priv *priv);
void ipoib_ns_unmade(struct ipoib_dev_priv *priv);
struct net_device *ipoib_ns_find(struct ib_device *ca, u32 port, u16 pkey, u32 qpn,
				 const union ib_gid *gid, const struct sockaddr *address,
				 struct ipoib_ns_answer *answer);
#if defined(RDMA_NS_VERSION) || defined(RDMA_NS_WITH_LIST)
void ipoib_ns_tell_all(struct ib_device *ca, u32 port,
		       void (*each)(void *context, struct net_device *netdev, u32 qpn, u16 pkey),
		       void *context);
#endif
#ifdef RDMA_NS_VERSION
bool ipoib_ns_is_own(const struct net_device *netdev);
bool ipoib_ns_asked(const struct sockaddr *address);
struct net_device *ipoib_ns_reply(struct ib_device *ca, u32 port, u16 pkey, const union ib_gid *gid,
				  const struct sockaddr *address);
#endif

/* In ipoib_main.c: */
bool ipoib_ns_has_address(struct net_device *netdev, const struct sockaddr *address);

#endif
