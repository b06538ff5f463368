/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * The netdev that an rdma_cm id is bound to, and what else is kept in the id to resolve requests.
 * All of it is zero at first.
 */
#ifndef CMA_NS_ID_H
#define CMA_NS_ID_H

#include <linux/types.h>
#include <linux/uidgid.h>
#ifdef RDMA_NS_WITH_INGRESS
#include <rdma/rdma_user_cm_ns.h>
#endif
#ifdef RDMA_NS_VERSION
#include <rdma/rdma_user_cm_ns_record.h>
#endif

/* No netdev has this ifindex. It means that the netdev that the id was bound to has gone. */
#define CMA_NS_NETDEV_GONE (-1)

struct cma_ns_id {
	/* The id is in the table of ids bound to a netdev while ifindex is positive. */
	struct hlist_node bound;
	int ifindex;

	/* When an id listens, rdma_cm forgets that it was REUSEADDR. */
	bool reuse;
	kuid_t owner; /* valid if reuse is set */
#ifdef RDMA_NS_WITH_RECORD

	bool send_nothing; /* send no QPN record */
	bool wants_reply; /* RDMA_NS_EXCHANGE_REPLY */
	bool trailer; /* there is room in the request that is being formatted */
#endif
#ifdef RDMA_NS_WITH_INGRESS

	u8 policy; /* of a listener: enum rdma_user_cm_ns_policy */
	struct rdma_user_cm_ns_ingress ingress; /* of an id made for a request */
#endif
#ifdef RDMA_NS_WITH_RETRY

	bool asking; /* it has sent a request and has no answer yet */
	bool given_up; /* by rdma_disconnect(): a refused request is not sent again */
	struct cma_ns_retry *retry; /* the request, kept until its answer to be sent again */
#endif
#ifdef RDMA_NS_WITH_OPTIONS

	bool netns_set; /* set by RDMA_OPTION_NS_NETNS_FD */
	bool by_cgroup; /* "ip vrf exec" asked for ifindex */
#endif
#ifdef RDMA_NS_VERSION

	struct pid *creator; /* the process, or NULL; there until the port is released */
	/*
	 * What the listener asked for. An id made for a request has a copy. Cookie 0 means no
	 * record.
	 */
	struct rdma_user_cm_ns_recv_ingress recv_ingress;
#endif
};

#endif
