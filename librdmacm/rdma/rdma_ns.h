/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * librdma-ns: how an RDMA CM connection request is resolved, in three steps as the IP stack
 * resolves a packet. Step 1, ingress: on which netdev did it arrive? Step 2, route: would a packet
 * that arrives there with these addresses be delivered here, and which netdev handles it? Step 3,
 * listener: which listener accepts? What each step found is the evidence; under a policy it makes
 * the verdict.
 *
 * Numbers are in host byte order, QPNs have 24 bits, interface indices and names are those of the
 * caller's network namespace. Addresses and ports in sockaddrs and GIDs are in network byte order.
 *
 * A structure may grow at its end. The caller passes sizeof(it), or sets its field "size" to that
 * where there is one; what the caller knows and the library does not is zeroed, or must be zero.
 *
 * A function that fails returns -1 and sets errno. All functions are thread-safe; none changes the
 * caller's namespace. rdma_ns_resolve(), the lists and the queries send nothing to a peer.
 */
#ifndef RDMA_NS_H
#define RDMA_NS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <infiniband/verbs.h>
#include <rdma/rdma_cma.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The library is built with all else hidden. */
#pragma GCC visibility push(default)

#define RDMA_NS_DEVICE_NAME_MAX 64
#define RDMA_NS_NETDEV_NAME_MAX 16

/* What to do with a request whose evidence is not complete. */
enum rdma_ns_policy {
	RDMA_NS_POLICY_REPORT, /* accept what the kernel has accepted, and flag it */
	RDMA_NS_POLICY_VERIFY, /* reject what is ambiguous or would not be delivered */
	RDMA_NS_POLICY_STRICT, /* reject all but a sent QPN and an address of the ingress netdev */
	RDMA_NS_POLICY_LAST = RDMA_NS_POLICY_STRICT,
};

enum rdma_ns_transport {
	RDMA_NS_TRANSPORT_UNKNOWN,
	RDMA_NS_TRANSPORT_IB,
	RDMA_NS_TRANSPORT_ROCE,
	RDMA_NS_TRANSPORT_IWARP,
};

/* Step 1: what named the ingress netdev. */
enum rdma_ns_decided_by {
	RDMA_NS_BY_NOTHING, /* unresolved: no netdev of this namespace fits */
	RDMA_NS_BY_QPN, /* IB: P_Key, GID and the QPN that the peer aimed at */
	/* RoCE: the netdev of the GID; IB: the one netdev with this P_Key and GID */
	RDMA_NS_BY_GID,
	RDMA_NS_BY_VLAN, /* RoCE: the same, and it is a VLAN netdev */
	RDMA_NS_BY_TCP, /* iWARP: the netdev under the TCP connection */
	RDMA_NS_BY_ADDRESS, /* IB: P_Key, GID and the destination address */
	RDMA_NS_BY_AMBIGUOUS, /* several netdevs fit; the first one is named */
};

/* Step 2: what route input said. */
enum rdma_ns_route {
	RDMA_NS_ROUTE_NOT_ASKED, /* step 1 named no netdev */
	RDMA_NS_ROUTE_DELIVERED,
	RDMA_NS_ROUTE_SELF, /* delivered; the source is an address of this namespace as well */
	RDMA_NS_ROUTE_INGRESS_DOWN, /* the ingress netdev is down */
	RDMA_NS_ROUTE_OWNER_DOWN, /* the netdev that has the destination address is down or gone */
	RDMA_NS_ROUTE_NONE, /* no route, or no way back to the source */
	RDMA_NS_ROUTE_NOT_LOCAL, /* no address of this namespace: would be forwarded or dropped */
	RDMA_NS_ROUTE_NOT_UNICAST, /* broadcast, multicast or anycast */
	RDMA_NS_ROUTE_RP_FILTER, /* the source is not expected on this netdev (rp_filter) */
	RDMA_NS_ROUTE_MARTIAN, /* a source that no packet from outside may have */
	RDMA_NS_ROUTE_UNREACHABLE, /* a blackhole, prohibit or unreachable route */
	RDMA_NS_ROUTE_FAILED, /* the kernel could not be asked: route_errno says why */
};

/* Step 3: which rule matched the listener. */
enum rdma_ns_rule {
	RDMA_NS_RULE_NOT_ASKED, /* no listeners were given */
	RDMA_NS_RULE_NONE, /* no listener for this port space, port and address */
	RDMA_NS_RULE_BOUND_ELSEWHERE, /* only listeners bound to other netdevs */
	RDMA_NS_RULE_WILDCARD,
	RDMA_NS_RULE_WILDCARD_NETDEV, /* wildcard address, bound to the ingress netdev or its VRF */
	RDMA_NS_RULE_ADDRESS,
	/* bound to the address, and to the ingress netdev or its VRF */
	RDMA_NS_RULE_ADDRESS_NETDEV,
};

enum rdma_ns_verdict {
	RDMA_NS_ACCEPT,
	RDMA_NS_ACCEPT_FLAGGED, /* accepted by policy only: the reason says what is wrong */
	RDMA_NS_REJECT,
};

/*
 * Why a request is flagged or rejected: what leads to this verdict, first in the order of the
 * steps.
 */
enum rdma_ns_reason {
	RDMA_NS_REASON_NONE,
	RDMA_NS_REASON_AF_IB, /* accepted: no IP addresses, hence nothing to resolve */
	RDMA_NS_REASON_QPN_UNKNOWN, /* the peer aimed at a QPN that no netdev here has */
	RDMA_NS_REASON_UNRESOLVED, /* no netdev here fits */
	RDMA_NS_REASON_AMBIGUOUS, /* several netdevs fit, and the peer sent no QPN */
	RDMA_NS_REASON_NO_QPN, /* strict, InfiniBand: the peer sent no QPN */
	RDMA_NS_REASON_ROUTE, /* route input would drop it */
	RDMA_NS_REASON_HANDLING_DIFFERS, /* strict: the address is on another netdev */
	RDMA_NS_REASON_NO_LISTENER,
	RDMA_NS_REASON_BOUND_ELSEWHERE, /* the listener is bound to another netdev */
	/* IB: the packet's P_Key is not the request's; only a kernel can tell */
	RDMA_NS_REASON_PKEY_DIFFERS,
	RDMA_NS_REASON_NOT_DELIVERED, /* a peer refused and does not say at which step */
	RDMA_NS_REASON_LAST = RDMA_NS_REASON_NOT_DELIVERED,
};

enum rdma_ns_decider {
	RDMA_NS_DECIDER_LIBRARY,
	RDMA_NS_DECIDER_KERNEL,
};

/* What this host can do about step 1. */
enum rdma_ns_level {
	RDMA_NS_LEVEL_REPORT, /* 0: the stock kernel decides; the library reports */
	RDMA_NS_LEVEL_EXCHANGE, /* 1: QPNs in private data where the peer has the library too */
	RDMA_NS_LEVEL_KERNEL, /* 2: the kernel itself does the three steps, and sends QPNs */
};

/* Which network namespaces see an RDMA device ("rdma system"). */
enum rdma_ns_netns_mode {
	RDMA_NS_NETNS_UNKNOWN,
	RDMA_NS_NETNS_SHARED, /* all */
	RDMA_NS_NETNS_EXCLUSIVE, /* one */
};

struct rdma_ns_address {
	sa_family_t family; /* AF_INET or AF_INET6 */
	uint8_t prefix_length;
	uint8_t unusable; /* 1: duplicate detection failed or has not ended */
	uint8_t bytes[16]; /* network byte order; IPv4 in the first 4 */
};

/* A netdev that step 1 may name. */
struct rdma_ns_netdev {
	char device[RDMA_NS_DEVICE_NAME_MAX]; /* "" if no RDMA device that is visible has its GID */
	uint32_t port; /* 0 without a device */
	enum rdma_ns_transport transport;
	uint32_t ifindex;
	char name[RDMA_NS_NETDEV_NAME_MAX];
	char kind[16]; /* as "ip -d link" says: ipoib, vlan, bond, ...; "" for hardware */
	uint64_t netns; /* inode of the network namespace, as in /proc/PID/ns/net */
	uint32_t master; /* ifindex of its bond, team or VRF, or 0 */
	uint32_t qpn; /* IPoIB's; 0 without */
	uint16_t pkey; /* with the membership bit; 0 unless IB */
	uint16_t vlan; /* VLAN id; 0 without */
	union ibv_gid gid; /* IB: the netdev's; otherwise the first of the port's that is its */
	uint8_t up; /* IFF_UP */
	size_t addresses_count;
	const struct rdma_ns_address *addresses;
};

/*
 * A listener, for step 3. address has the port; a wildcard IPv6 one takes IPv4 requests as well
 * unless afonly is set (RDMA_OPTION_ID_AFONLY).
 */
struct rdma_ns_listener {
	struct sockaddr_storage address;
	enum rdma_port_space port_space;
	uint32_t ifindex; /* bound to this netdev, or 0 */
	enum rdma_ns_policy policy;
	uint8_t afonly;
};

#define RDMA_NS_REQUEST_GID 1u /* gid is set */
#define RDMA_NS_REQUEST_QPN 2u /* qpn is set: the peer aimed at this one */
#define RDMA_NS_REQUEST_VLAN 4u /* vlan is set; 0 is "untagged" */

/* A connection request, real or imagined. */
struct rdma_ns_request {
	size_t size; /* sizeof(struct rdma_ns_request) */
	uint32_t flags; /* RDMA_NS_REQUEST_* */
	char device[RDMA_NS_DEVICE_NAME_MAX];
	uint32_t port; /* the device's, from 1 */
	uint16_t pkey; /* IB */
	uint16_t vlan; /* RoCE, iWARP */
	uint32_t qpn; /* IB: of the netdev the peer aimed at */
	uint32_t peer_qpn; /* IB: of the peer's netdev, or 0; only reported */
	union ibv_gid gid; /* local, the one that was addressed; without it: any of the port */
	struct sockaddr_storage source; /* the peer's address */
	struct sockaddr_storage destination;
	enum rdma_port_space port_space;
	enum rdma_ns_policy policy; /* or the listener's, whichever is stricter */
	const struct rdma_ns_listener *listeners; /* NULL: do not ask step 3 */
	size_t listeners_count;
	size_t listener_size; /* sizeof(struct rdma_ns_listener), with listeners */
};

/* Where a request arrived and how that is known. */
struct rdma_ns_ingress {
	uint32_t ifindex; /* 0: unresolved */
	char name[RDMA_NS_NETDEV_NAME_MAX];
	uint32_t port_ifindex; /* the port of a bond or team that it came through, or 0 */
	uint32_t vrf_ifindex; /* the VRF that the ingress netdev belongs to, or 0 */
	uint64_t netns; /* inode of the network namespace */
	/* the netdev that has the destination address; 0: not delivered */
	uint32_t handling_ifindex;
	char handling_name[RDMA_NS_NETDEV_NAME_MAX];
	char device[RDMA_NS_DEVICE_NAME_MAX];
	uint32_t port;
	enum rdma_ns_transport transport;
	uint16_t pkey; /* of the netdev, with its membership bit; IB */
	uint16_t vlan;
	uint32_t local_qpn; /* of the netdev; IB */
	uint32_t peer_qpn; /* of the peer's netdev, where it sent one; 0 otherwise */
	uint32_t wanted_qpn; /* the one the peer aimed at, where it sent one; 0 otherwise */
	/* netdevs of this namespace that fitted step 1; the kernel: of any, 2 is two or more */
	uint32_t candidates;
	enum rdma_ns_decided_by decided_by;
	enum rdma_ns_route route;
	int route_errno; /* the kernel's answer where it was an error, or 0 */
	enum rdma_ns_rule rule;
	enum rdma_ns_decider decider;
	uint32_t reserved[16]; /* zero */
};

/* All that is to be said of a request. */
struct rdma_ns_resolution {
	struct rdma_ns_ingress ingress;
	enum rdma_ns_verdict verdict;
	enum rdma_ns_reason reason;
	enum rdma_ns_policy policy; /* under which the verdict was given */
	int32_t listener; /* index into the request's listeners, or -1 */
};

struct rdma_ns_features {
	/* 1 or 2: the peer, and its kernel, decide whether 1 is reached */
	enum rdma_ns_level level;
	enum rdma_ns_netns_mode netns_mode;
	uint32_t devices; /* RDMA devices visible in the caller's namespace */
	uint32_t ports; /* their ports */
	int rdma_cm_errno; /* why /dev/infiniband/rdma_cm cannot be opened, or 0 */
	/*
	 * Level 2: step 1 asks ipoib itself. 0: ib_ipoib is the stock one, whose answers rest on
	 * addresses that tenants can set.
	 */
	uint8_t ipoib;
};

#define RDMA_NS_ID_NETNS_FD 1u /* netns_fd is set */

/*
 * For rdma_ns_create_id(). All zero but for the size: the caller's namespace, no netdev, report. A
 * netns_fd that is set without its flag is EINVAL, and with it, if open(2) has failed, EBADF.
 */
struct rdma_ns_id_opts {
	size_t size; /* sizeof(struct rdma_ns_id_opts) */
	uint32_t flags; /* RDMA_NS_ID_* */
	/* an open file of the namespace, such as /run/netns/NAME or /proc/PID/ns/net */
	int netns_fd;
	uint32_t ifindex; /* as for rdma_ns_bind_netdev(), in that namespace; 0: none */
	enum rdma_ns_policy policy;
	const char *netdev; /* the netdev by name in place of ifindex; NULL: none */
};

/* What an id is set to. */
struct rdma_ns_id_info {
	uint64_t netns; /* inode of its network namespace; 0: not known */
	uint32_t ifindex; /* bound to this netdev of that namespace, or 0 */
	/* its name today; "" if it has gone, or without one */
	char netdev[RDMA_NS_NETDEV_NAME_MAX];
	enum rdma_ns_policy policy;
	uint8_t listening;
};

/* Whether this side has sent a QPN record, or why not. */
enum rdma_ns_sent {
	RDMA_NS_SENT_NOT_ASKED, /* a reply: the request had no record that asked for one */
	RDMA_NS_SENT,
	RDMA_NS_SENT_NOT_IB, /* not needed: only IPoIB netdevs have a QPN */
	/* the application's private data are in its place, and the peer took none ahead */
	RDMA_NS_SENT_NO_ROOM,
	RDMA_NS_SENT_NO_NETDEV, /* no one netdev of this side's is known */
	RDMA_NS_SENT_AHEAD, /* no room, and the peer's library has got it ahead of the request */
};

/* Active side: who answered? */
enum rdma_ns_answer {
	RDMA_NS_ANSWER_UNKNOWN, /* nobody yet, or the answer or this side named no QPN */
	RDMA_NS_ANSWER_AS_AIMED, /* the netdev that this side aimed at */
	RDMA_NS_ANSWER_ELSEWHERE, /* another one: the request was misdelivered */
};

/* What two peers told each other. QPNs are 0 where they are not known. */
struct rdma_ns_exchange {
	enum rdma_ns_sent sent;
	uint8_t received; /* the peer sent a record */
	uint32_t local_qpn; /* of this side's netdev */
	uint32_t wanted_qpn; /* active side: the one it aimed at; passive side: that the peer did */
	uint32_t peer_qpn; /* as the peer says */
	enum rdma_ns_answer answer;
	/* active side: why the peer's library refused, or RDMA_NS_REASON_NONE */
	enum rdma_ns_reason refusal;
	uint32_t reserved[8]; /* zero */
};

/* What was observed. */
enum rdma_ns_observed {
	/* passive side: a request was judged; resolution has the verdict */
	RDMA_NS_OBSERVED_REQUEST,
	RDMA_NS_OBSERVED_ESTABLISHED, /* active side, as all that follow: the peer has accepted */
	RDMA_NS_OBSERVED_MISDELIVERED, /* another netdev has answered, and the policy is strict */
	RDMA_NS_OBSERVED_REFUSED, /* the peer's kernel or library has refused: exchange->refusal */
	RDMA_NS_OBSERVED_FAILED, /* the attempt ended otherwise: status */
};

/*
 * What an observer is told. All that it points to is valid until the observer returns. A later
 * library may add members at the end: size says how much there is.
 */
struct rdma_ns_observation {
	size_t size;
	enum rdma_ns_observed what;
	enum rdma_port_space port_space;
	struct rdma_cm_id *id; /* that the request has made, or that connects */
	struct rdma_cm_id *listener; /* that got the request; NULL on the active side */
	struct sockaddr_storage local, peer;
	const struct rdma_ns_resolution *resolution; /* of a request; NULL on the active side */
	const struct rdma_ns_exchange *exchange;
	const char *ignored; /* why the peer's QPN record was not believed, in words, or NULL */
	int status; /* of the CM's event; 0 for a request */
};

typedef void (*rdma_ns_observer)(const struct rdma_ns_observation *observation, void *context);

#define RDMA_NS_REASONS_MAX 32

/* Requests that this process has received since its start. */
struct rdma_ns_statistics {
	uint64_t accepted; /* handed to the application, the flagged ones included */
	uint64_t flagged;
	uint64_t refused;
	/* of those flagged or refused, by enum rdma_ns_reason */
	uint64_t reasons[RDMA_NS_REASONS_MAX];
};

/*
 * List the netdevs of the caller's network namespace that belong to RDMA devices: step 1's table.
 *
 * @list: where the list goes: pointers, the last one NULL; free it with rdma_ns_free_netdevs()
 * @size: sizeof(struct rdma_ns_netdev)
 *
 * Sorted by device, port and ifindex. A bond's port is listed beside the bond. Returns how many.
 * Errors: EINVAL (@size is 0), ENOENT (/proc is not mounted), ENOMEM, and those of netlink sockets.
 */
int rdma_ns_get_netdevs(struct rdma_ns_netdev ***list, size_t size);
void rdma_ns_free_netdevs(struct rdma_ns_netdev **list);

/*
 * The same in another namespace. @netns_fd: an open file of it, such as /run/netns/NAME or
 * /proc/PID/ns/net. More errors: EBADF (@netns_fd is not open, as when open(2) has failed), EINVAL
 * (it is no network namespace), EPERM (CAP_SYS_ADMIN over that namespace is needed).
 */
int rdma_ns_get_netdevs_in(int netns_fd, struct rdma_ns_netdev ***list, size_t size);

/*
 * if_nametoindex(3) in another namespace: of any netdev there, a VRF or bond included. Errors:
 * ENODEV (no such netdev there), and those of rdma_ns_get_netdevs_in().
 */
int rdma_ns_get_ifindex_in(int netns_fd, const char *netdev, uint32_t *ifindex);

/*
 * Resolve a request in the caller's network namespace and say what each step found; nothing is
 * accepted, rejected or sent.
 *
 * @resolution: set in any case that returns 0, a verdict of RDMA_NS_REJECT included
 * @size: sizeof(struct rdma_ns_resolution)
 *
 * The first call in a namespace lists its netdevs; later ones follow the kernel's notifications and
 * cost one lookup and one route query. Errors: EINVAL (a size, flag, port space, policy or address
 * family that does not exist, families that differ, a P_Key or QPN out of range), ENODEV (no such
 * device, or it has no such port), ENOMEM, and those of netlink sockets.
 */
int rdma_ns_resolve(const struct rdma_ns_request *request, struct rdma_ns_resolution *resolution,
		    size_t size);

/*
 * What this kernel and this library can do. @size: sizeof(struct rdma_ns_features). Errors: EINVAL.
 */
int rdma_ns_query_features(struct rdma_ns_features *features, size_t size);

/*
 * Create an id in a network namespace, as rdma_create_id(); @opts may be NULL. A NULL @channel
 * makes the id synchronous. Destroy it with rdma_ns_destroy_id().
 *
 * Where RDMA devices belong to one namespace each ("rdma system show netns": exclusive), librdmacm
 * finds only those of the thread that calls it. An id of another namespace can then listen on a
 * specific address, if rdma_ns_bind_addr() has bound it; a wildcard and connecting from there fail
 * with ENOTSUP. Do that in a process that runs there, or with "rdma system set netns shared".
 *
 * Errors, besides those of rdma_create_id(): EINVAL (an option, or netns_fd is no network
 * namespace), EBADF (netns_fd is not open), EPERM (CAP_SYS_ADMIN over the namespace is needed),
 * ENODEV (no such netdev there), ENOENT (/proc is not mounted), ENOSYS (no librdmacm).
 */
int rdma_ns_create_id(struct rdma_event_channel *channel, struct rdma_cm_id **id, void *context,
		      enum rdma_port_space port_space, const struct rdma_ns_id_opts *opts);

/*
 * As rdma_create_ep(), likewise; a connecting id that is bound to a netdev takes its address from
 * that one unless @res has a source. Destroy it with rdma_ns_destroy_ep(). More errors:
 * EADDRNOTAVAIL (the netdev has no address for this, or not that source), ENOTSUP (as above).
 */
int rdma_ns_create_ep(struct rdma_cm_id **id, struct rdma_addrinfo *res, struct ibv_pd *pd,
		      struct ibv_qp_init_attr *qp_init_attr, const struct rdma_ns_id_opts *opts);

/*
 * As SO_BINDTODEVICE. A listener gets only requests that arrived on this netdev, or on a port of
 * this bond or VRF. A connection leaves from an address of this netdev, which
 * rdma_ns_resolve_addr() chooses. 0 ends it. Errors: ENODEV (no such netdev in the id's namespace),
 * EINVAL (the id listens already); at level 2, where listeners that are bound to different netdevs
 * may share a port if this comes before rdma_ns_bind_addr(), also EADDRINUSE (another id has the
 * port) and EADDRNOTAVAIL (the id has an address that is not the netdev's).
 */
int rdma_ns_bind_netdev(struct rdma_cm_id *id, unsigned int ifindex);

/* The same by its name in the id's namespace; NULL ends it. */
int rdma_ns_bind_netdev_name(struct rdma_cm_id *id, const char *netdev);

/* Errors: EINVAL (no such policy, or the id listens already). */
int rdma_ns_set_policy(struct rdma_cm_id *id, enum rdma_ns_policy policy);

/*
 * These do what their namesakes of librdmacm do, and besides:
 *
 * bind_addr: also for an id of another namespace in exclusive mode, where rdma_bind_addr() would
 *   fail with ENODEV and leave the address in use. After an error of bind_addr or listen destroy
 *   the id.
 * resolve_addr: from an address of the netdev that the id is bound to; EADDRNOTAVAIL if it has
 *   none, or @source is none.
 * connect, accept: over IPoIB the QPNs of both sides' netdevs travel behind the private data, if
 *   these leave 16 bytes: at most 40 of 56 bytes in a request (UD: 164 of 180), 180 of 196 in a
 *   reply (UD: 120 of 136). The application at the other end sees its private data alone.
 * connect: EADDRNOTAVAIL if the source address is not on the netdev that the id is bound to.
 * get_cm_event: a request that the listener's policy refuses is rejected and never returned; on a
 *   non-blocking channel that may mean EAGAIN although poll() saw an event, and on a blocking one
 *   waiting for the next event. Under RDMA_NS_POLICY_STRICT a connection that another netdev
 *   answered than the one aimed at ends as RDMA_CM_EVENT_CONNECT_ERROR with status -EREMCHG:
 *   destroy the id. A synchronous rdma_ns_connect() fails with EREMCHG.
 * get_request: never returns a request that the listener's policy refuses, but waits for the next
 * one.
 *
 * Events of ids that went through these calls are taken with rdma_ns_get_cm_event() or, if the
 * listener is synchronous, with rdma_ns_get_request(), and the ids destroyed with
 * rdma_ns_destroy_id() or _ep().
 */
int rdma_ns_bind_addr(struct rdma_cm_id *id, struct sockaddr *address);
int rdma_ns_resolve_addr(struct rdma_cm_id *id, struct sockaddr *source,
			 struct sockaddr *destination, int timeout_ms);
int rdma_ns_listen(struct rdma_cm_id *id, int backlog);
int rdma_ns_connect(struct rdma_cm_id *id, struct rdma_conn_param *param);
int rdma_ns_accept(struct rdma_cm_id *id, struct rdma_conn_param *param);
int rdma_ns_reject(struct rdma_cm_id *id, const void *private_data, uint8_t private_data_len);
int rdma_ns_get_cm_event(struct rdma_event_channel *channel, struct rdma_cm_event **event);
int rdma_ns_get_request(struct rdma_cm_id *listen, struct rdma_cm_id **id);
int rdma_ns_ack_cm_event(struct rdma_cm_event *event);
int rdma_ns_migrate_id(struct rdma_cm_id *id, struct rdma_event_channel *channel);
int rdma_ns_destroy_id(struct rdma_cm_id *id);
void rdma_ns_destroy_ep(struct rdma_cm_id *id);

/*
 * Where the request that made this id arrived; and all that was decided about it. Errors: ENODATA
 * (no request that one of the above returned made this id), EINVAL (@size is 0).
 */
int rdma_ns_get_ingress(struct rdma_cm_id *id, struct rdma_ns_ingress *ingress, size_t size);
int rdma_ns_get_resolution(struct rdma_cm_id *id, struct rdma_ns_resolution *resolution,
			   size_t size);

/* What the two sides of a connection told each other. Errors: ENODATA (neither a request nor a
 * rdma_ns_connect() made this id), EINVAL (@size is 0). */
int rdma_ns_get_exchange(struct rdma_cm_id *id, struct rdma_ns_exchange *exchange, size_t size);

/* Errors: ENODATA (this library has not seen the id), EINVAL (@size is 0). */
int rdma_ns_get_id_info(struct rdma_cm_id *id, struct rdma_ns_id_info *info, size_t size);

/*
 * Tell @observer of each request that the library judges, refused ones included, and of each end of
 * an attempt to connect. There is one observer; NULL ends it. @context is handed to it unchanged.
 *
 * It is called in the thread that takes the event, within rdma_ns_get_cm_event(),
 * rdma_ns_get_request() or a synchronous rdma_ns_connect(), before that returns; so several threads
 * may call it at the same time. A refused request is told before it is rejected. No lock of the
 * library is held: the observer may call any function of it, but must not take events, nor destroy,
 * accept or reject the observation's ids.
 *
 * When this function returns, the previous observer has returned and is not called again, unless
 * one observer calls it: then it does not wait. Returns 0.
 */
int rdma_ns_set_observer(rdma_ns_observer observer, void *context);

/* Errors: EINVAL (@size is 0). */
int rdma_ns_get_statistics(struct rdma_ns_statistics *statistics, size_t size);

/* One word or a few, lower case; "unknown" for a value that does not exist. Never NULL. */
const char *rdma_ns_policy_str(enum rdma_ns_policy policy);
const char *rdma_ns_transport_str(enum rdma_ns_transport transport);
const char *rdma_ns_decided_by_str(enum rdma_ns_decided_by decided_by);
const char *rdma_ns_route_str(enum rdma_ns_route route);
const char *rdma_ns_rule_str(enum rdma_ns_rule rule);
const char *rdma_ns_verdict_str(enum rdma_ns_verdict verdict);
const char *rdma_ns_reason_str(enum rdma_ns_reason reason);
const char *rdma_ns_sent_str(enum rdma_ns_sent sent);
const char *rdma_ns_answer_str(enum rdma_ns_answer answer);
const char *rdma_ns_decider_str(enum rdma_ns_decider decider);
const char *rdma_ns_level_str(enum rdma_ns_level level);
const char *rdma_ns_netns_mode_str(enum rdma_ns_netns_mode mode);
const char *rdma_ns_observed_str(enum rdma_ns_observed observed);

/* The policy of a word, as rdma_ns_policy_str() has them. Errors: EINVAL (none has this word). */
int rdma_ns_policy_parse(const char *word, enum rdma_ns_policy *policy);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif /* RDMA_NS_H */
