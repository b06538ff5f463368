/* SPDX-License-Identifier: (GPL-2.0 WITH Linux-syscall-note) OR Linux-OpenIB */
/*
 * How an rdma_cm that was built outside of the kernel hands struct rdma_user_cm_ns_ingress on
 * through an unchanged librdmacm: behind the private data of a connection request. A kernel that
 * has the options of rdma_user_cm_ns.h itself need not have this.
 *
 * With such an rdma_cm, RDMA_NS_FEATURE_IPOIB is about the ib_ipoib that is loaded now. If that is
 * the stock one, or none, a QPN can only confirm what address and GID say, and policy verify
 * refuses all requests that it does not confirm. A refused peer is told the true reason if the
 * administrator wants so (explain_refusals).
 */
#ifndef RDMA_USER_CM_NS_RECORD_H
#define RDMA_USER_CM_NS_RECORD_H

#include <rdma/rdma_user_cm_ns.h>

/*
 * An option as those of rdma_user_cm_ns.h: struct rdma_user_cm_ns_recv_ingress. The listener gets a
 * record with each connection request, as a socket does with IP_RECVPKTINFO. Set it before the id
 * listens.
 */
#define RDMA_OPTION_NS_RECV_INGRESS 5
#define RDMA_NS_FEATURE_RECV_INGRESS ((__u64)1 << 4)

struct rdma_user_cm_ns_recv_ingress {
	/*
	 * Each record returns this value; 0 means that no records are wanted. Choose it at random,
	 * because a peer must not be able to guess it.
	 */
	__aligned_u64 cookie;
	/*
	 * The number of bytes that each record is to have, from RDMA_USER_CM_NS_RECORD_MIN to
	 * RDMA_USER_CM_NS_RECORD_MAX. Bytes that the kernel does not know are zero.
	 */
	__u32 size;
	__u32 reserved; /* zero */
};

/* An event has 255 bytes for private data, of which the consumer's can take 180 on UD. */
#define RDMA_USER_CM_NS_RECORD_MIN 64
#define RDMA_USER_CM_NS_RECORD_MAX 75

/*
 * The record takes the last bytes of the private data of RDMA_CM_EVENT_CONNECT_REQUEST. It has the
 * size that was asked for, which private_data_len includes. It is not aligned: copy it. It is
 * missing if the event has no room for it (AF_IB UD, or long private data on iWARP), so compare the
 * cookie.
 */
struct rdma_user_cm_ns_record {
	__aligned_u64 cookie;			/* from struct rdma_user_cm_ns_recv_ingress */
	struct rdma_user_cm_ns_ingress ingress; /* its size counts the cookie as well */
};

#endif /* RDMA_USER_CM_NS_RECORD_H */
