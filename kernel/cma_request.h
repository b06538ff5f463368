/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* A connection request on its way through the steps. */
#ifndef CMA_REQUEST_H
#define CMA_REQUEST_H

#include <linux/netdevice.h>
#include <linux/socket.h>
#include <rdma/ib_cm.h>
#include <rdma/ib_verbs.h>
#include <rdma/rdma_user_cm_ns.h>

#if defined(RDMA_NS_VERSION) || defined(RDMA_NS_WITH_TRACE)
#include <linux/in6.h>
#endif

#define CMA_NS_PKEY_MASK 0x7fff /* P_Keys are compared without the membership bit */

/* Refusals that no step decides. Peers and listeners are never told of them. */
enum cma_ns_refusal {
	CMA_NS_REFUSAL_MALFORMED = RDMA_USER_CM_NS_REASON_LAST + 1, /* not a request of rdma_cm */
	CMA_NS_REFUSAL_NOT_TAKEN, /* the listener has gone or is full, or there is no memory */
	CMA_NS_REFUSAL_LAST = CMA_NS_REFUSAL_NOT_TAKEN,
};

struct cma_ns_request {
	struct rdma_user_cm_ns_ingress ingress;
	u8 refusal;	   /* enum rdma_user_cm_ns_reason or cma_ns_refusal; 0 if accepted */
	bool pkey_differs; /* the packet's differs, membership aside */
	int route_error;   /* from route input */
#if defined(RDMA_NS_VERSION) || defined(RDMA_NS_WITH_TRACE)
	/* For the tracepoint; IPv4's are shorter, and a family of 0 means that there is none. */
	struct sockaddr_in6 source, destination;
	char device[IB_DEVICE_NAME_MAX];
#endif
};

/* cma_ipoib.c: what ib_ipoib says about a request */
struct net_device *cma_ns_ipoib_netdev(struct cma_ns_request *request, struct ib_device *device,
				       const union ib_gid *gid, const struct sockaddr *destination);

/* cma_ingress.c: step 1 */
struct net_device *cma_ns_ingress_ib(struct cma_ns_request *request,
				     const struct ib_cm_event *event, struct ib_device *device,
				     u32 port, u16 pkey, const union ib_gid *gid,
				     const struct sockaddr *source,
				     const struct sockaddr *destination);
void cma_ns_describe_ingress(struct cma_ns_request *request, struct net_device *netdev);

#ifdef RDMA_NS_WITH_ROCE
/* cma_roce.c: step 1 over RoCE */
struct net_device *cma_ns_ingress_roce(struct cma_ns_request *request,
				       const struct ib_cm_event *event, struct ib_device *device,
				       u32 port, struct net_device *netdev,
				       const struct sockaddr *destination);
#endif

/* cma_delivery.c: step 2, called under rcu_read_lock and rdma_cm's global lock */
bool cma_ns_delivers(struct cma_ns_request *request, const struct ib_cm_event *event,
		     struct net_device *netdev, const struct sockaddr *source,
		     const struct sockaddr *destination);
bool cma_ns_way_back(struct cma_ns_request *request, bool valid);

#if defined(RDMA_NS_VERSION) || defined(RDMA_NS_WITH_TRACE)
/* cma_ns_trace.c: what is noted of a request, and the end of its way */
void cma_ns_note_device(struct cma_ns_request *request, const struct ib_device *device);
void cma_ns_note_request(struct cma_ns_request *request, const struct ib_device *device,
			 const struct sockaddr *source, const struct sockaddr *destination);
int cma_ns_finish(struct cma_ns_request *request, int error);
#endif

#endif
