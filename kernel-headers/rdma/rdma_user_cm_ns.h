/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * The extended rdma_cm's user interface: options of an id, and where a connection request arrived.
 *
 * Options are set with RDMA_USER_CM_CMD_SET_OPTION, level RDMA_OPTION_NS; librdmacm's
 * rdma_set_option() passes them through. A kernel without the extension answers ENOSYS. Common
 * errors: EINVAL (a length other than the one given below, a value that does not exist, reserved
 * fields that are not zero, the wrong state of the id), EOPNOTSUPP (an option this kernel does not
 * know).
 *
 * All fields are in host byte order and have the same layout for 32-bit and 64-bit programs.
 */
#ifndef RDMA_USER_CM_NS_H
#define RDMA_USER_CM_NS_H

#include <linux/types.h>

#ifdef __cplusplus
#define RDMA_USER_CM_NS_ASSERT(condition) static_assert(condition, #condition)
#else
#define RDMA_USER_CM_NS_ASSERT(condition) _Static_assert(condition, #condition)
#endif

#define RDMA_OPTION_NS 0x4e53

enum {
	/*
	 * __u64, a mask of RDMA_NS_FEATURE_*: 0 if this kernel has them all, otherwise EOPNOTSUPP.
	 * Sets nothing; in any state.
	 */
	RDMA_OPTION_NS_FEATURES = 1,

	/*
	 * __s32, an open file of a network namespace: the id's, instead of its creator's. Before
	 * bind and resolve, and before RDMA_OPTION_NS_BIND_IFINDEX. Errors: EBADF, EINVAL (no
	 * network namespace), EPERM (wants CAP_SYS_ADMIN over that namespace).
	 */
	RDMA_OPTION_NS_NETNS_FD = 2,

	/*
	 * __u32, as SO_BINDTODEVICE: a listener gets only what arrived on this netdev of the id's
	 * namespace, or on a port of this bond or VRF; a connection leaves from it. 0 ends it.
	 * Until listen and resolve. Errors: ENODEV (no such netdev), EADDRNOTAVAIL (the id is bound
	 * to an address which that netdev and its VRF do not have), EADDRINUSE (another id has the
	 * port).
	 */
	RDMA_OPTION_NS_BIND_IFINDEX = 3,

	/*
	 * __u32, enum rdma_user_cm_ns_policy of a listener. The host's policy holds if it is
	 * stricter. Until listen.
	 */
	RDMA_OPTION_NS_POLICY = 4,

	/*
	 * struct rdma_user_cm_ns_recv_ingress: a record with each connection request, as
	 * IP_RECVPKTINFO. Until listen.
	 */
	RDMA_OPTION_NS_RECV_INGRESS = 5,

	/*
	 * __u32, a mask of RDMA_NS_EXCHANGE_*. RDMA_NS_EXCHANGE_SEND is the default. Until connect.
	 */
	RDMA_OPTION_NS_EXCHANGE = 6,
};

#define RDMA_NS_FEATURE_RESOLVE ((__u64)1) /* incoming requests are resolved in three steps */
#define RDMA_NS_FEATURE_NETNS_FD ((__u64)1 << 1)
#define RDMA_NS_FEATURE_BIND_IFINDEX ((__u64)1 << 2)
#define RDMA_NS_FEATURE_POLICY ((__u64)1 << 3)
#define RDMA_NS_FEATURE_RECV_INGRESS ((__u64)1 << 4)
#define RDMA_NS_FEATURE_EXCHANGE ((__u64)1 << 5)
/*
 * The ib_ipoib that is loaded now tells by QP number which netdev an InfiniBand request is for.
 * Without it (a stock ib_ipoib, or none) a QPN can only confirm what address and GID say, and
 * policy verify refuses the rest.
 */
#define RDMA_NS_FEATURE_IPOIB ((__u64)1 << 6)

/* Requests carry the IPoIB QPNs of both ends, if there is room: rdma_cm_ns_wire.h. */
#define RDMA_NS_EXCHANGE_SEND 1u
/*
 * They also say that the caller looks for a record in the reply and hides it from its application:
 * the kernel passes it on as it came. Only with RDMA_NS_EXCHANGE_SEND.
 */
#define RDMA_NS_EXCHANGE_REPLY 2u

enum rdma_user_cm_ns_policy {
	RDMA_USER_CM_NS_REPORT = 0,
	RDMA_USER_CM_NS_VERIFY = 1,
	RDMA_USER_CM_NS_STRICT = 2,
	RDMA_USER_CM_NS_POLICY_LAST = RDMA_USER_CM_NS_STRICT,
};

struct rdma_user_cm_ns_recv_ingress {
	/*
	 * Returned in each record; 0: send none. Chosen at random, since a peer must not be able to
	 * guess it.
	 */
	__aligned_u64 cookie;
	/*
	 * How many bytes the record shall have: RDMA_USER_CM_NS_INGRESS_MIN to _MAX; what the
	 * kernel does not know is zero.
	 */
	__u32 size;
	__u32 reserved; /* zero */
};

/* Step 1: what named the ingress netdev. */
enum rdma_user_cm_ns_decided_by {
	RDMA_USER_CM_NS_BY_NOTHING = 0, /* AF_IB, or nothing fitted */
	RDMA_USER_CM_NS_BY_QPN = 1, /* InfiniBand: P_Key, GID and the QPN that the peer aimed at */
	/* RoCE: the netdev of the GID; InfiniBand: the one netdev with P_Key and GID */
	RDMA_USER_CM_NS_BY_GID = 2,
	RDMA_USER_CM_NS_BY_VLAN = 3, /* RoCE: the same, and it is a VLAN netdev */
	RDMA_USER_CM_NS_BY_TCP = 4, /* iWARP: the netdev under the TCP connection */
	RDMA_USER_CM_NS_BY_ADDRESS = 5, /* InfiniBand: P_Key, GID and the destination address */
	/*
	 * Several netdevs fit: of the host (InfiniBand), of the namespace (iWARP: over the port,
	 * with the address)
	 */
	RDMA_USER_CM_NS_BY_AMBIGUOUS = 6,
};

/* Step 2. Requests that route input would drop are never delivered. */
enum rdma_user_cm_ns_route {
	RDMA_USER_CM_NS_ROUTE_NOT_ASKED = 0,
	RDMA_USER_CM_NS_ROUTE_DELIVERED = 1,
	/* delivered; the source is an address of this namespace as well */
	RDMA_USER_CM_NS_ROUTE_SELF = 2,
};

/* Step 3: which rule matched the listener. */
enum rdma_user_cm_ns_rule {
	RDMA_USER_CM_NS_RULE_NOT_ASKED = 0, /* AF_IB */
	RDMA_USER_CM_NS_RULE_WILDCARD = 3,
	RDMA_USER_CM_NS_RULE_WILDCARD_NETDEV = 4, /* wildcard address, bound to a netdev */
	RDMA_USER_CM_NS_RULE_ADDRESS = 5,
	RDMA_USER_CM_NS_RULE_ADDRESS_NETDEV = 6,
};

enum rdma_user_cm_ns_transport {
	RDMA_USER_CM_NS_TRANSPORT_IB = 1,
	RDMA_USER_CM_NS_TRANSPORT_ROCE = 2,
	RDMA_USER_CM_NS_TRANSPORT_IWARP = 3,
};

/*
 * Why a request is flagged, or was refused; the first in the order of the steps. The peer is told
 * REASON_NOT_DELIVERED in struct rdma_cm_ns_refusal, or as by ib_cm itself that nobody listens; the
 * reason only if the administrator wants refusals explained.
 */
enum rdma_user_cm_ns_reason {
	RDMA_USER_CM_NS_REASON_NONE = 0,
	RDMA_USER_CM_NS_REASON_AF_IB = 1, /* accepted: no IP addresses, hence nothing to resolve */
	RDMA_USER_CM_NS_REASON_QPN_UNKNOWN = 2, /* the peer aimed at a QPN that no netdev has */
	RDMA_USER_CM_NS_REASON_UNRESOLVED = 3, /* no netdev fits */
	RDMA_USER_CM_NS_REASON_AMBIGUOUS = 4, /* several netdevs fit, and the peer sent no QPN */
	RDMA_USER_CM_NS_REASON_NO_QPN = 5, /* strict, InfiniBand: the peer sent no QPN */
	RDMA_USER_CM_NS_REASON_ROUTE = 6, /* route input would drop it */
	RDMA_USER_CM_NS_REASON_HANDLING_DIFFERS = 7, /* strict: the address is on another netdev */
	RDMA_USER_CM_NS_REASON_NO_LISTENER = 8,
	RDMA_USER_CM_NS_REASON_BOUND_ELSEWHERE = 9, /* only listeners bound to other netdevs */
	/* InfiniBand: the packet's P_Key is not the request's */
	RDMA_USER_CM_NS_REASON_PKEY_DIFFERS = 10,
	/*
	 * On the wire only: a packet would not have been delivered. The peer is not told which step
	 * says so.
	 */
	RDMA_USER_CM_NS_REASON_NOT_DELIVERED = 11,
	RDMA_USER_CM_NS_REASON_LAST = RDMA_USER_CM_NS_REASON_NOT_DELIVERED,
};

/* More than one. */
#define RDMA_USER_CM_NS_SEVERAL 2u

#define RDMA_USER_CM_NS_PEER_QPN 1u /* peer_qpn is valid */
#define RDMA_USER_CM_NS_WANTED_QPN 2u /* wanted_qpn is valid */
/*
 * The peer hides a record in the reply from its application; the kernel puts one there if there is
 * room.
 */
#define RDMA_USER_CM_NS_REPLY 4u
#define RDMA_USER_CM_NS_IN_HEADER 8u /* the peer's record came in the RDMA CM header */
/* it came behind the private data, which are zero there now */
#define RDMA_USER_CM_NS_IN_TRAILER 16u

/*
 * The last bytes of the private data of RDMA_CM_EVENT_CONNECT_REQUEST, counted in private_data_len,
 * in the size that was asked for. Not aligned: copy it. It is missing if the event has no room
 * (AF_IB UD, long private data on iWARP): compare the cookie.
 */
struct rdma_user_cm_ns_ingress {
	__aligned_u64 cookie; /* of struct rdma_user_cm_ns_recv_ingress */
	__u16 size; /* as many bytes as this kernel knows of */
	__u16 flags; /* RDMA_USER_CM_NS_PEER_QPN and what follows it */
	__u32 ifindex; /* of the ingress netdev, in the listener's namespace; 0: none */
	__u32 port_ifindex; /* the port of a bond that it came through, or 0 */
	__u32 vrf_ifindex; /* the VRF that the ingress netdev belongs to, or 0 */
	__aligned_u64 netns; /* inode of the network namespace */
	__u32 handling_ifindex; /* the netdev that has the destination address, or 0 */
	__u32 local_qpn; /* of the ingress netdev; InfiniBand, else 0 */
	__u32 peer_qpn; /* the sender's, as it says */
	__u32 wanted_qpn; /* the one that the peer aimed at */
	/*
	 * How many netdevs fitted: 1, or RDMA_USER_CM_NS_SEVERAL; 0: not counted, since a QPN
	 * decided, or none did. Other namespaces' netdevs fit as well; their number is not the
	 * listener's to know.
	 */
	__u32 candidates;
	__u16 pkey; /* of the netdev, with its membership bit; InfiniBand */
	__u16 vlan; /* id, or 0 */
	__u8 port; /* the device's, from 1 */
	__u8 transport; /* enum rdma_user_cm_ns_transport */
	__u8 decided_by; /* enum rdma_user_cm_ns_decided_by */
	__u8 route; /* enum rdma_user_cm_ns_route */
	__u8 rule; /* enum rdma_user_cm_ns_rule */
	__u8 reason; /* enum rdma_user_cm_ns_reason: why it is flagged, or 0 */
	__u8 policy; /* enum rdma_user_cm_ns_policy that held: the host's or the listener's */
	__u8 reserved; /* zero */
};

/* An event has 255 bytes for private data, of which the consumer's take 180 on UD. */
#define RDMA_USER_CM_NS_INGRESS_MIN 64
#define RDMA_USER_CM_NS_INGRESS_MAX 75

RDMA_USER_CM_NS_ASSERT(sizeof(struct rdma_user_cm_ns_recv_ingress) == 16);
RDMA_USER_CM_NS_ASSERT(sizeof(struct rdma_user_cm_ns_ingress) == 64);
RDMA_USER_CM_NS_ASSERT(__builtin_offsetof(struct rdma_user_cm_ns_ingress, netns) == 24);
RDMA_USER_CM_NS_ASSERT(__builtin_offsetof(struct rdma_user_cm_ns_ingress, pkey) == 52);
RDMA_USER_CM_NS_ASSERT(__builtin_offsetof(struct rdma_user_cm_ns_ingress, reserved) == 63);

#endif /* RDMA_USER_CM_NS_H */
