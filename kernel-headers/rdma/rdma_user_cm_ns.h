/* SPDX-License-Identifier: (GPL-2.0 WITH Linux-syscall-note) OR Linux-OpenIB */
/*
 * How rdma_cm resolves connection requests, for user space: the options of an id, and a record that
 * says where a request arrived.
 *
 * Options are set with RDMA_USER_CM_CMD_SET_OPTION at level RDMA_OPTION_NS; librdmacm's
 * rdma_set_option() passes them through. A kernel without them answers ENOSYS. Any option
 * can fail with EINVAL (the length is not the one given below, the value does not exist, a reserved
 * field is not zero, or the id is in the wrong state) and with EOPNOTSUPP (this kernel does not
 * know the option).
 *
 * All fields are in host byte order and have the same layout for 32-bit and 64-bit programs.
 */
#ifndef RDMA_USER_CM_NS_H
#define RDMA_USER_CM_NS_H

#include <linux/types.h>

#define RDMA_OPTION_NS 0x4e53

enum {
	/*
	 * __u64, a mask of RDMA_NS_FEATURE_*. The result is 0 if this kernel has all these
	 * features, and EOPNOTSUPP otherwise. The option sets nothing and works in any state.
	 */
	RDMA_OPTION_NS_FEATURES = 1,

	/*
	 * __s32, an open file of a network namespace. The id belongs to that namespace from now on,
	 * instead of to its creator's. Set it before the id is bound or resolved, and before
	 * RDMA_OPTION_NS_BIND_IFINDEX. Errors: EBADF, EINVAL (the file is not a network namespace),
	 * EPERM (the caller lacks CAP_SYS_ADMIN over that namespace).
	 */
	RDMA_OPTION_NS_NETNS_FD = 2,

	/*
	 * __u32, an ifindex in the id's namespace; this works as SO_BINDTODEVICE does. A listener
	 * gets only requests that arrived on this netdev, or on a port of it if it is a bond or a
	 * VRF; a connection leaves from it. 0 removes the binding. Set it before the id listens or
	 * resolves an address. Errors: ENODEV (there is no such netdev), EADDRNOTAVAIL (the id is
	 * bound to an address that neither the netdev nor its VRF has), EADDRINUSE (another id has
	 * the port), EPERM (the id is bound to a netdev already; to change that, CAP_NET_RAW over
	 * the id's namespace is needed).
	 */
	RDMA_OPTION_NS_BIND_IFINDEX = 3,

	/*
	 * __u32, the enum rdma_user_cm_ns_policy of a listener. If that of its network namespace or
	 * of the host is stricter, that holds. Set it before the id listens.
	 */
	RDMA_OPTION_NS_POLICY = 4,

	/* 5 is taken by modules from outside of the kernel. */

	/*
	 * __u32, a mask of RDMA_NS_EXCHANGE_*. The default is RDMA_NS_EXCHANGE_SEND. Set it before
	 * the id connects. EOPNOTSUPP also means that the administrator lets no QPNs be sent
	 * (send_qpn).
	 */
	RDMA_OPTION_NS_EXCHANGE = 6,
};

#define RDMA_NS_FEATURE_RESOLVE ((__u64)1) /* incoming requests are resolved in three steps */
#define RDMA_NS_FEATURE_NETNS_FD ((__u64)1 << 1)
#define RDMA_NS_FEATURE_BIND_IFINDEX ((__u64)1 << 2)
#define RDMA_NS_FEATURE_POLICY ((__u64)1 << 3)
/* Bit 4 is taken by modules from outside of the kernel. */
#define RDMA_NS_FEATURE_EXCHANGE ((__u64)1 << 5)
/* ib_ipoib can tell by QPN which netdev an InfiniBand request is for. */
#define RDMA_NS_FEATURE_IPOIB ((__u64)1 << 6)

/* Requests carry the IPoIB QPNs of both ends if there is room for them: see rdma_cm_ns_wire.h. */
#define RDMA_NS_EXCHANGE_SEND 1u
/*
 * Requests also say that the caller looks for a record in the reply and hides it from its
 * application: the kernel hands the reply on unchanged. This is valid only with
 * RDMA_NS_EXCHANGE_SEND.
 */
#define RDMA_NS_EXCHANGE_REPLY 2u

enum rdma_user_cm_ns_policy {
	RDMA_USER_CM_NS_REPORT = 0,
	RDMA_USER_CM_NS_VERIFY = 1,
	RDMA_USER_CM_NS_STRICT = 2,
	RDMA_USER_CM_NS_POLICY_LAST = RDMA_USER_CM_NS_STRICT,
};

/* Step 1: this says what identified the ingress netdev. */
enum rdma_user_cm_ns_decided_by {
	RDMA_USER_CM_NS_BY_NOTHING = 0, /* AF_IB, or no netdev fitted */
	/* InfiniBand: by P_Key, GID and the QPN that the peer aimed at */
	RDMA_USER_CM_NS_BY_QPN = 1,
	/* RoCE: the GID's netdev; InfiniBand: the only netdev with the P_Key and the GID */
	RDMA_USER_CM_NS_BY_GID = 2,
	RDMA_USER_CM_NS_BY_VLAN = 3, /* RoCE: as BY_GID, and the netdev is a VLAN */
	RDMA_USER_CM_NS_BY_TCP = 4, /* iWARP: the netdev under the TCP connection */
	RDMA_USER_CM_NS_BY_ADDRESS = 5, /* InfiniBand: by P_Key, GID and destination address */
	/*
	 * Several netdevs fit: on InfiniBand and RoCE, netdevs of the host; over iWARP, netdevs of
	 * the namespace that are above the port and have the address.
	 */
	RDMA_USER_CM_NS_BY_AMBIGUOUS = 6,
};

/* Step 2. A request that route input would drop is never delivered. */
enum rdma_user_cm_ns_route {
	RDMA_USER_CM_NS_ROUTE_NOT_ASKED = 0,
	RDMA_USER_CM_NS_ROUTE_DELIVERED = 1,
	/* delivered, and the source is an address of this namespace as well */
	RDMA_USER_CM_NS_ROUTE_SELF = 2,
};

/* Step 3: this says which rule matched the listener. */
enum rdma_user_cm_ns_rule {
	RDMA_USER_CM_NS_RULE_NOT_ASKED = 0, /* AF_IB */
	RDMA_USER_CM_NS_RULE_WILDCARD = 3,
	RDMA_USER_CM_NS_RULE_WILDCARD_NETDEV = 4, /* a wildcard address, and bound to a netdev */
	RDMA_USER_CM_NS_RULE_ADDRESS = 5,
	RDMA_USER_CM_NS_RULE_ADDRESS_NETDEV = 6,
};

enum rdma_user_cm_ns_transport {
	RDMA_USER_CM_NS_TRANSPORT_IB = 1,
	RDMA_USER_CM_NS_TRANSPORT_ROCE = 2,
	RDMA_USER_CM_NS_TRANSPORT_IWARP = 3,
};

/*
 * This says why a request is flagged, or why it was refused: the first reason in the order of the
 * steps. A refused peer does not learn the reason. It reads REASON_NOT_DELIVERED in struct
 * rdma_cm_ns_refusal, or the answer that ib_cm itself gives where nobody listens.
 */
enum rdma_user_cm_ns_reason {
	RDMA_USER_CM_NS_REASON_NONE = 0,
	RDMA_USER_CM_NS_REASON_AF_IB = 1, /* accepted: there are no IP addresses to resolve */
	RDMA_USER_CM_NS_REASON_QPN_UNKNOWN = 2, /* the peer aimed at a QPN that no netdev has */
	RDMA_USER_CM_NS_REASON_UNRESOLVED = 3, /* no netdev fits the request */
	RDMA_USER_CM_NS_REASON_AMBIGUOUS = 4, /* several netdevs fit, and no QPN decides */
	/* strict, InfiniBand: no QPN named the netdev */
	RDMA_USER_CM_NS_REASON_NO_QPN = 5,
	RDMA_USER_CM_NS_REASON_ROUTE = 6, /* route input would drop the request */
	RDMA_USER_CM_NS_REASON_HANDLING_DIFFERS = 7, /* strict: another netdev has the address */
	RDMA_USER_CM_NS_REASON_NO_LISTENER = 8,
	RDMA_USER_CM_NS_REASON_BOUND_ELSEWHERE = 9, /* all listeners are bound to other netdevs */
	/* InfiniBand: the packet's P_Key is not the one that the request names */
	RDMA_USER_CM_NS_REASON_PKEY_DIFFERS = 10,
	/*
	 * On the wire only: a packet with these addresses would not have been delivered. The peer
	 * is not told which step found that out.
	 */
	RDMA_USER_CM_NS_REASON_NOT_DELIVERED = 11,
	RDMA_USER_CM_NS_REASON_LAST = RDMA_USER_CM_NS_REASON_NOT_DELIVERED,
};

/* This count means: more than one. */
#define RDMA_USER_CM_NS_SEVERAL 2u

#define RDMA_USER_CM_NS_PEER_QPN 1u /* peer_qpn is valid */
#define RDMA_USER_CM_NS_WANTED_QPN 2u /* wanted_qpn is valid */
/*
 * The peer looks for a record in the reply and hides it from its application, so the kernel puts
 * one there if there is room.
 */
#define RDMA_USER_CM_NS_REPLY 4u
#define RDMA_USER_CM_NS_IN_HEADER 8u /* the peer's record came in the RDMA CM header */
/* The peer's record came behind the private data. Those bytes are zero now. */
#define RDMA_USER_CM_NS_IN_TRAILER 16u

/* Where a connection request arrived, and how its listener was found. */
struct rdma_user_cm_ns_ingress {
	__u16 size; /* the number of bytes that this kernel knows */
	__u16 flags; /* a mask of RDMA_USER_CM_NS_PEER_QPN and the flags after it */
	/* of the ingress netdev, in the listener's namespace, or 0 if there is none */
	__u32 ifindex;
	__u32 port_ifindex; /* of the bond's port that the request came through, or 0 */
	__u32 vrf_ifindex; /* of the VRF that the ingress netdev belongs to, or 0 */
	__aligned_u64 netns; /* inode of the network namespace */
	__u32 handling_ifindex; /* of the netdev that has the destination address, or 0 */
	__u32 local_qpn; /* of the ingress netdev on InfiniBand, otherwise 0 */
	__u32 peer_qpn; /* the sender's, as the sender claims */
	__u32 wanted_qpn; /* the QPN that the peer aimed at */
	/*
	 * How many netdevs fitted: 1, or RDMA_USER_CM_NS_SEVERAL for more. 0 means that they were
	 * not counted, because a QPN decided or because nothing did. Netdevs of other namespaces
	 * are included, so the exact number is not the listener's to know.
	 */
	__u32 candidates;
	__u16 pkey; /* of the netdev, with its membership bit; InfiniBand only */
	__u16 vlan; /* the VLAN id, or 0 */
	__u8 port; /* of the device, counted from 1 */
	__u8 transport; /* enum rdma_user_cm_ns_transport */
	__u8 decided_by; /* enum rdma_user_cm_ns_decided_by */
	__u8 route; /* enum rdma_user_cm_ns_route */
	__u8 rule; /* enum rdma_user_cm_ns_rule */
	__u8 reason; /* enum rdma_user_cm_ns_reason: why the request is flagged, or 0 */
	/* enum rdma_user_cm_ns_policy: the one that held, the strictest that applied */
	__u8 policy;
	__u8 reserved; /* zero */
};

#endif /* RDMA_USER_CM_NS_H */
