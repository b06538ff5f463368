/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the namespace extension keeps in an rdma_cm id. All zero is the stock behaviour, records
 * sent.
 */
#ifndef CMA_NS_ID_H
#define CMA_NS_ID_H

#include <linux/types.h>
#include <linux/uidgid.h>

#include <rdma/rdma_user_cm_ns.h>

/* An ifindex that no netdev has: the one that the id was bound to has gone. */
#define CMA_NS_NETDEV_GONE (-1)

struct cma_ns_id {
	/* On the list of ids bound to a netdev, while ifindex is not 0. */
	struct hlist_node bound;
	int ifindex;
	u8 policy;	   /* enum rdma_user_cm_ns_policy */
	bool netns_set;	   /* by RDMA_OPTION_NS_NETNS_FD */
	bool send_nothing; /* no QPN record */
	bool wants_reply;  /* RDMA_NS_EXCHANGE_REPLY */
	bool trailer;	   /* the request being formatted has room for one */

	/* rdma_cm forgets that an id was REUSEADDR when it listens. */
	bool reuse;
	kuid_t owner; /* valid with reuse */

	struct cma_ns_retry *retry; /* the request that waits for an answer, to be sent again */

	/* As the listener asked, and for ids that a request made; cookie 0: no record. */
	struct rdma_user_cm_ns_recv_ingress recv_ingress;
	struct rdma_user_cm_ns_ingress ingress;
};

#endif
