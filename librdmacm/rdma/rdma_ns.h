/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * librdma-ns: how an RDMA CM connection request is resolved, in three steps as the IP stack
 * resolves a packet. Step 1, ingress: on which netdev did it arrive? Step 2, route: would a packet
 * that arrives there with these addresses be delivered here, and which netdev handles it? Step 3,
 * listener: which listener accepts? What each step found is the evidence; under a policy it makes
 * the verdict.
 *
 * Numbers are in host byte order, QPNs have 24 bits, and interface indices and names are those of
 * the caller's network namespace. Addresses and ports in sockaddrs, and GIDs, are in network byte
 * order.
 *
 * A structure may grow at its end. The caller passes its size, or sets the structure's field "size"
 * if it has one. Fields that the caller knows and the library does not are zeroed in results, and
 * must be zero in arguments.
 *
 * A function that fails returns -1 and sets errno. All functions are thread-safe, and none changes
 * the caller's namespace. rdma_ns_resolve(), the lists and the queries send nothing to a peer.
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

/* The library is built with all other symbols hidden. */
#pragma GCC visibility push(default)

#define RDMA_NS_DEVICE_NAME_MAX 64
#define RDMA_NS_NETDEV_NAME_MAX 16

/* What to do with a request whose evidence is not complete. */
enum rdma_ns_policy {
	RDMA_NS_POLICY_REPORT, /* accept what the kernel has accepted, and flag it */
	RDMA_NS_POLICY_VERIFY, /* reject what is ambiguous or would not be delivered */
	/* IB: also reject a request without a QPN; everywhere: an address of another netdev */
	RDMA_NS_POLICY_STRICT,
	RDMA_NS_POLICY_LAST = RDMA_NS_POLICY_STRICT,
};

enum rdma_ns_transport {
	RDMA_NS_TRANSPORT_UNKNOWN,
	RDMA_NS_TRANSPORT_IB,
	RDMA_NS_TRANSPORT_ROCE,
	RDMA_NS_TRANSPORT_IWARP,
};

/* Step 1: what identified the ingress netdev. */
enum rdma_ns_decided_by {
	RDMA_NS_BY_NOTHING, /* unresolved: no netdev of this namespace fits */
	RDMA_NS_BY_QPN, /* IB: P_Key, GID and the QPN that the peer aimed at */
	/* RoCE: the netdev of the GID; IB: the one netdev with this P_Key and GID */
	RDMA_NS_BY_GID,
	RDMA_NS_BY_VLAN, /* RoCE: the GID, and its netdev is a VLAN netdev */
	RDMA_NS_BY_TCP, /* iWARP: the netdev under the TCP connection */
	RDMA_NS_BY_ADDRESS, /* IB: P_Key, GID and the destination address */
	RDMA_NS_BY_AMBIGUOUS, /* several netdevs fit; the first one is reported */
};

/* Step 2: what route input said. */
enum rdma_ns_route {
	RDMA_NS_ROUTE_NOT_ASKED, /* step 1 found no netdev */
	RDMA_NS_ROUTE_DELIVERED,
	RDMA_NS_ROUTE_SELF, /* delivered; the source is an address of this namespace as well */
	RDMA_NS_ROUTE_INGRESS_DOWN, /* the ingress netdev is down */
	RDMA_NS_ROUTE_OWNER_DOWN, /* the netdev that has the destination address is down or gone */
	RDMA_NS_ROUTE_NONE, /* no route, or no way back to the source */
	RDMA_NS_ROUTE_NOT_LOCAL, /* not an address of this namespace: forwarded or dropped */
	RDMA_NS_ROUTE_NOT_UNICAST, /* broadcast, multicast or anycast */
	RDMA_NS_ROUTE_RP_FILTER, /* the source is not expected on this netdev (rp_filter) */
	RDMA_NS_ROUTE_MARTIAN, /* a source that no packet from outside may have */
	RDMA_NS_ROUTE_UNREACHABLE, /* a blackhole, prohibit or unreachable route */
	RDMA_NS_ROUTE_BACKUP_PORT, /* a bond drops what arrives on its backup ports */
	/* the kernel could not be asked: route_errno says why; without ifindex, nor about step 1 */
	RDMA_NS_ROUTE_FAILED,
};

/* Step 3: which rule matched the listener. */
enum rdma_ns_rule {
	RDMA_NS_RULE_NOT_ASKED, /* no listeners were given */
	RDMA_NS_RULE_NONE, /* no listener for this port space, port and address */
	RDMA_NS_RULE_BOUND_ELSEWHERE, /* all listeners that fit are bound to other netdevs */
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
 * Why a request is flagged or rejected. Of several findings that lead to this verdict, it is the
 * first in the order of the steps.
 */
enum rdma_ns_reason {
	RDMA_NS_REASON_NONE,
	RDMA_NS_REASON_AF_IB, /* accepted: there are no IP addresses to resolve */
	RDMA_NS_REASON_QPN_UNKNOWN, /* the peer aimed at a QPN that no netdev here has */
	RDMA_NS_REASON_UNRESOLVED, /* no netdev here fits */
	RDMA_NS_REASON_AMBIGUOUS, /* several netdevs fit, and the peer sent no QPN */
	RDMA_NS_REASON_NO_QPN, /* strict, InfiniBand: the peer sent no QPN */
	RDMA_NS_REASON_ROUTE, /* route input would not deliver a packet here */
	RDMA_NS_REASON_HANDLING_DIFFERS, /* strict: the address is on another netdev */
	RDMA_NS_REASON_NO_LISTENER,
	RDMA_NS_REASON_BOUND_ELSEWHERE, /* the listener is bound to another netdev */
	/* IB: the packet's P_Key is not the request's; only the kernel finds this */
	RDMA_NS_REASON_PKEY_DIFFERS,
	RDMA_NS_REASON_NOT_DELIVERED, /* a peer refused without saying at which step */
	RDMA_NS_REASON_LAST = RDMA_NS_REASON_NOT_DELIVERED,
};

enum rdma_ns_decider {
	RDMA_NS_DECIDER_LIBRARY,
	RDMA_NS_DECIDER_KERNEL,
};

/* What this host can do about step 1. */
enum rdma_ns_level {
	RDMA_NS_LEVEL_REPORT, /* 0: the stock kernel decides; the library reports */
	RDMA_NS_LEVEL_EXCHANGE, /* 1: peers that have the library exchange QPNs */
	RDMA_NS_LEVEL_KERNEL, /* 2: the kernel itself takes the three steps and sends QPNs */
};

/* Which network namespaces see an RDMA device ("rdma system"). */
enum rdma_ns_netns_mode {
	RDMA_NS_NETNS_UNKNOWN,
	RDMA_NS_NETNS_SHARED, /* all namespaces see it */
	RDMA_NS_NETNS_EXCLUSIVE, /* one namespace sees it */
};

struct rdma_ns_address {
	sa_family_t family; /* AF_INET or AF_INET6 */
	uint8_t prefix_length;
	uint8_t unusable; /* duplicate detection failed or has not ended */
	uint8_t bytes[16]; /* network byte order; an IPv4 address is in the first 4 */
};

/* A netdev that step 1 may find. */
struct rdma_ns_netdev {
	char device[RDMA_NS_DEVICE_NAME_MAX]; /* "" if no visible RDMA device has its GID */
	uint32_t port; /* 0 without a device */
	enum rdma_ns_transport transport;
	uint32_t ifindex;
	char name[RDMA_NS_NETDEV_NAME_MAX];
	char kind[16]; /* as "ip -d link" says: ipoib, vlan, bond, ...; "" for hardware */
	uint64_t netns; /* inode of the network namespace, as in /proc/PID/ns/net */
	uint32_t master; /* ifindex of its bond, team or VRF, or 0 */
	uint32_t qpn; /* of an IPoIB netdev; otherwise 0 */
	uint16_t pkey; /* IB: with the membership bit; otherwise 0 */
	uint16_t vlan; /* VLAN id, or 0 */
	union ibv_gid gid; /* IB: the netdev's; otherwise its first in the port's table */
	uint8_t up; /* IFF_UP */
	size_t addresses_count;
	const struct rdma_ns_address *addresses;
};

/*
 * A listener, for step 3. address contains the port. A listener on the IPv6 wildcard also takes
 * IPv4 requests unless afonly is set (RDMA_OPTION_ID_AFONLY).
 */
struct rdma_ns_listener {
	struct sockaddr_storage address;
	enum rdma_port_space port_space;
	uint32_t ifindex; /* bound to this netdev, or 0 */
	enum rdma_ns_policy policy;
	uint8_t afonly;
};

#define RDMA_NS_REQUEST_GID 1u /* gid is set */
#define RDMA_NS_REQUEST_QPN 2u /* qpn is set: the peer aimed at it */
#define RDMA_NS_REQUEST_VLAN 4u /* vlan is set; 0 means untagged */

/* A connection request, real or hypothetical. */
struct rdma_ns_request {
	size_t size; /* sizeof(struct rdma_ns_request) */
	uint32_t flags; /* RDMA_NS_REQUEST_* */
	char device[RDMA_NS_DEVICE_NAME_MAX];
	uint32_t port; /* the device's, from 1 */
	uint16_t pkey; /* IB */
	uint16_t vlan; /* RoCE, iWARP */
	uint32_t qpn; /* IB: of the netdev that the peer aimed at */
	uint32_t peer_qpn; /* IB: of the peer's netdev, or 0; it only appears in the result */
	union ibv_gid gid; /* the local GID that was addressed; if not set, any of the port */
	struct sockaddr_storage source; /* the peer's address */
	struct sockaddr_storage destination;
	enum rdma_port_space port_space;
	enum rdma_ns_policy policy; /* the listener's applies if it is stricter */
	const struct rdma_ns_listener *listeners; /* NULL: leave out step 3 */
	size_t listeners_count;
	size_t listener_size; /* sizeof(struct rdma_ns_listener) if there are listeners */
};

/* Where a request arrived, and how this was determined. */
struct rdma_ns_ingress {
	uint32_t ifindex; /* 0: unresolved */
	char name[RDMA_NS_NETDEV_NAME_MAX];
	uint32_t port_ifindex; /* the port of the bond or team through which it came, or 0 */
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
	uint32_t peer_qpn; /* of the peer's netdev, if the peer sent it; otherwise 0 */
	uint32_t wanted_qpn; /* the one that the peer aimed at, if it sent it; otherwise 0 */
	/* how many netdevs here fitted; from the kernel: in any namespace, and 2 means 2 or more */
	uint32_t candidates;
	enum rdma_ns_decided_by decided_by;
	enum rdma_ns_route route;
	int route_errno; /* why the kernel refused or could not be asked, or 0 */
	enum rdma_ns_rule rule;
	enum rdma_ns_decider decider;
	uint32_t reserved[16]; /* zero */
};

/* Everything that was determined about a request. */
struct rdma_ns_resolution {
	struct rdma_ns_ingress ingress;
	enum rdma_ns_verdict verdict;
	enum rdma_ns_reason reason;
	enum rdma_ns_policy policy; /* the one under which the verdict was given */
	int32_t listener; /* index into the request's listeners, or -1 */
};

struct rdma_ns_features {
	/* 1 or 2; whether a connection reaches 1 depends on its peer as well */
	enum rdma_ns_level level;
	enum rdma_ns_netns_mode netns_mode;
	uint32_t devices; /* RDMA devices visible in the caller's namespace */
	uint32_t ports; /* their ports */
	int rdma_cm_errno; /* why /dev/infiniband/rdma_cm cannot be opened, or 0 */
	/*
	 * Level 2: 1 if step 1 asks ipoib itself. 0: ib_ipoib is the stock module, whose answers
	 * rest on addresses that tenants can set.
	 */
	uint8_t ipoib;
};

#define RDMA_NS_ID_NETNS_FD 1u /* netns_fd is set */

/*
 * For rdma_ns_create_id(). If all is zero except the size, the id is in the caller's namespace,
 * bound to no netdev, with the policy report. A netns_fd without its flag must be 0, or the error
 * is EINVAL; with the flag, the -1 of a failed open(2) gives EBADF.
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

/* The settings of an id. */
struct rdma_ns_id_info {
	uint64_t netns; /* inode of its network namespace, or 0 if it is not known */
	uint32_t ifindex; /* the netdev of that namespace to which it is bound, or 0 */
	/* its current name; "" if it no longer exists, or if the id is bound to none */
	char netdev[RDMA_NS_NETDEV_NAME_MAX];
	enum rdma_ns_policy policy;
	uint8_t listening;
};

/* Whether this side has sent a QPN record, or why not. */
enum rdma_ns_sent {
	RDMA_NS_SENT_NOT_ASKED, /* in a reply: no record in the request asked for one */
	RDMA_NS_SENT,
	RDMA_NS_SENT_NOT_IB, /* a QPN is not needed: only IPoIB netdevs have one */
	/* the application's private data take its place, and the peer did not take it ahead */
	RDMA_NS_SENT_NO_ROOM,
	RDMA_NS_SENT_NO_NETDEV, /* this side's netdev is not known, or it could be several */
	/* there was no room, but the peer's library got it ahead of the request */
	RDMA_NS_SENT_AHEAD,
};

/* Active side: who answered? */
enum rdma_ns_answer {
	RDMA_NS_ANSWER_UNKNOWN, /* there is no answer yet, or one side gave no QPN */
	RDMA_NS_ANSWER_AS_AIMED, /* the netdev that this side aimed at */
	RDMA_NS_ANSWER_ELSEWHERE, /* another netdev: the request was misdelivered */
};

/* What two peers told each other. QPNs that are not known are 0. */
struct rdma_ns_exchange {
	enum rdma_ns_sent sent;
	uint8_t received; /* the peer sent a record */
	uint32_t local_qpn; /* of this side's netdev */
	uint32_t wanted_qpn; /* the QPN at which the active side aimed */
	uint32_t peer_qpn; /* of the peer's netdev, as the peer says */
	enum rdma_ns_answer answer;
	/* active side: why the peer's library or kernel refused, or RDMA_NS_REASON_NONE */
	enum rdma_ns_reason refusal;
	uint32_t reserved[8]; /* zero */
};

/* What was observed. */
enum rdma_ns_observed {
	/* passive side: a request was judged; resolution has the verdict */
	RDMA_NS_OBSERVED_REQUEST,
	RDMA_NS_OBSERVED_ESTABLISHED, /* active side, like all below: the peer has accepted */
	RDMA_NS_OBSERVED_MISDELIVERED, /* another netdev has answered, and the policy is strict */
	RDMA_NS_OBSERVED_REFUSED, /* the peer's kernel or library has refused: exchange->refusal */
	RDMA_NS_OBSERVED_FAILED, /* the attempt ended in another way: status */
};

/*
 * What an observer is told. Its pointers are valid until the observer returns.
 *
 * A later library may add members at the end of this structure and of those that it points to. All
 * sizes are the library's: an observer that was built with a later header must not read a member
 * that begins at or after the size.
 */
struct rdma_ns_observation {
	size_t size;
	enum rdma_ns_observed what;
	enum rdma_port_space port_space;
	struct rdma_cm_id *id; /* the id that the request created, or that connects */
	/* the listener that got the request; NULL on the active side */
	struct rdma_cm_id *listener;
	struct sockaddr_storage local, peer;
	const struct rdma_ns_resolution *resolution; /* the request's; NULL on the active side */
	size_t resolution_size; /* of *resolution; 0 if that is NULL */
	const struct rdma_ns_exchange *exchange;
	size_t exchange_size; /* of *exchange */
	const char *ignored; /* why the peer's QPN record was not believed, in words, or NULL */
	int status; /* of the CM's event; 0 for a request */
};

typedef void (*rdma_ns_observer)(const struct rdma_ns_observation *observation, void *context);

#define RDMA_NS_REASONS_MAX 32

/* Requests that this process has received since its start. */
struct rdma_ns_statistics {
	uint64_t accepted; /* passed to the application, including flagged ones */
	uint64_t flagged;
	uint64_t refused;
	/* of the flagged and the refused ones, by enum rdma_ns_reason */
	uint64_t reasons[RDMA_NS_REASONS_MAX];
};

/*
 * List the netdevs of the caller's network namespace that belong to RDMA devices. Step 1 chooses
 * among these.
 *
 * @list: receives an array of pointers that ends with NULL; free it with rdma_ns_free_netdevs()
 * @size: sizeof(struct rdma_ns_netdev)
 *
 * The list is sorted by device, port and ifindex. The ports of a bond are listed as well as the
 * bond. Returns the number of netdevs.
 * Errors: EINVAL (@size is 0), ENOENT (/proc is not mounted), ENOMEM, and those of netlink sockets.
 */
int rdma_ns_get_netdevs(struct rdma_ns_netdev ***list, size_t size);
void rdma_ns_free_netdevs(struct rdma_ns_netdev **list);

/*
 * The same in another namespace. @netns_fd is an open file of that namespace, such as
 * /run/netns/NAME or /proc/PID/ns/net. More errors: EBADF (@netns_fd is not open, for instance
 * because open(2) has failed), EINVAL (it is not a network namespace), EPERM (the caller lacks
 * CAP_SYS_ADMIN over that namespace).
 */
int rdma_ns_get_netdevs_in(int netns_fd, struct rdma_ns_netdev ***list, size_t size);

/*
 * if_nametoindex(3) in another namespace. It finds any netdev there, including a VRF or bond.
 * Errors: ENODEV (no such netdev there), and those of rdma_ns_get_netdevs_in().
 */
int rdma_ns_get_ifindex_in(int netns_fd, const char *netdev, uint32_t *ifindex);

/*
 * Resolve a request in the caller's network namespace and say what each step found; nothing is
 * accepted, rejected or sent.
 *
 * @resolution: set whenever 0 is returned, even if the verdict is RDMA_NS_REJECT
 * @size: sizeof(struct rdma_ns_resolution)
 *
 * The first call in a namespace lists its netdevs; later ones follow the kernel's notifications and
 * cost one lookup and one route query. Errors: EINVAL (a size, flag, port space, policy or address
 * family is not valid, the families differ, or a P_Key, QPN or VLAN is out of range), ENODEV (there
 * is no such device, or it has no such port), ENOENT (/proc is not mounted), ENOMEM, and those of
 * netlink sockets.
 */
int rdma_ns_resolve(const struct rdma_ns_request *request, struct rdma_ns_resolution *resolution,
		    size_t size);

/*
 * Find out what this kernel and this library can do. @size: sizeof(struct rdma_ns_features).
 * Errors: EINVAL (@size is 0), ENOMEM, and those of netlink sockets.
 */
int rdma_ns_query_features(struct rdma_ns_features *features, size_t size);

/*
 * Like rdma_create_id(), but create the id in a network namespace. @opts may be NULL. A NULL
 * @channel makes the id synchronous. Destroy the id with rdma_ns_destroy_id().
 *
 * Where each RDMA device belongs to one namespace ("rdma system show netns": exclusive), librdmacm
 * finds only the devices of the namespace of the thread that calls it. An id of another namespace
 * can then listen on a specific address, if rdma_ns_bind_addr() has bound it; listening on a
 * wildcard and connecting fail with ENOTSUP. Do these in a process that runs there, or share the
 * devices with "rdma system set netns shared".
 *
 * Errors, besides those of rdma_create_id(): EINVAL (an option is not valid, or netns_fd is not a
 * network namespace), EBADF (netns_fd is not open), EPERM (the caller lacks CAP_SYS_ADMIN over the
 * namespace), ENODEV (no such netdev there), ENOENT (/proc is not mounted), ENOSYS (no librdmacm).
 */
int rdma_ns_create_id(struct rdma_event_channel *channel, struct rdma_cm_id **id, void *context,
		      enum rdma_port_space port_space, const struct rdma_ns_id_opts *opts);

/*
 * Likewise, for rdma_create_ep(). A connecting id that is bound to a netdev takes its address from
 * that netdev unless @res has a source. Destroy the id with rdma_ns_destroy_ep(). More errors:
 * EADDRNOTAVAIL (the netdev has no suitable address, or does not have the given source), ENOTSUP
 * (as above).
 */
int rdma_ns_create_ep(struct rdma_cm_id **id, struct rdma_addrinfo *res, struct ibv_pd *pd,
		      struct ibv_qp_init_attr *qp_init_attr, const struct rdma_ns_id_opts *opts);

/*
 * Bind the id to a netdev, as SO_BINDTODEVICE does. A listener gets only requests that arrived on
 * this netdev, or on a port of this bond or VRF. A connection leaves from an address of this
 * netdev, which rdma_ns_resolve_addr() chooses. An ifindex of 0 removes the binding. At level 2,
 * listeners that are bound to different netdevs may share a port if this call precedes
 * rdma_ns_bind_addr().
 *
 * Errors: ENODEV (no such netdev in the id's namespace), EINVAL (the id listens already),
 * EAFNOSUPPORT (the id has an AF_IB address, whose requests arrive on no netdev; it cannot get one
 * afterwards either); at level 2 also EADDRINUSE (another id has the port), EADDRNOTAVAIL (the id
 * has an address that is not the netdev's) and EPERM (the id is bound to a netdev already, and the
 * caller lacks CAP_NET_RAW).
 */
int rdma_ns_bind_netdev(struct rdma_cm_id *id, unsigned int ifindex);

/* The same for the netdev of this name in the id's namespace; NULL removes the binding. */
int rdma_ns_bind_netdev_name(struct rdma_cm_id *id, const char *netdev);

/* Set the policy for requests. Errors: EINVAL (no such policy, or the id listens already). */
int rdma_ns_set_policy(struct rdma_cm_id *id, enum rdma_ns_policy policy);

/*
 * These functions do what their namesakes of librdmacm do. In addition:
 *
 * bind_addr also binds an id of another namespace in exclusive mode, where rdma_bind_addr() would
 *   fail with ENODEV and leave the address in use. After an error of bind_addr or listen, destroy
 *   the id.
 * resolve_addr chooses an address of the netdev to which the id is bound. It fails with
 *   EADDRNOTAVAIL if the netdev has no suitable address, or does not have @source.
 * connect and accept send, over IPoIB, the QPNs of both sides' netdevs behind the private data if
 *   these leave 16 bytes, that is, use at most 40 of 56 bytes in a request (UD: 164 of 180) and 180
 *   of 196 in a reply (UD: 120 of 136). At the other end, the application sees only private data.
 * connect fails with EADDRNOTAVAIL if the source address is not on the netdev to which the id is
 *   bound.
 * listen fails under RDMA_NS_POLICY_VERIFY and _STRICT if the library cannot look at the netdevs of
 *   the id's namespace: ENOENT (/proc is not mounted), ENOMEM, and the errors of netlink sockets.
 * get_cm_event rejects a request that the listener's policy refuses, and never returns it. On a
 *   non-blocking channel it may therefore fail with EAGAIN although poll() saw an event, and
 *   although another one waits; on a blocking one it then waits for the next event. If a netdev
 *   other than the one aimed at has answered, the connection ends under RDMA_NS_POLICY_STRICT as
 *   RDMA_CM_EVENT_CONNECT_ERROR with status -EREMCHG: destroy the id. A synchronous
 *   rdma_ns_connect() fails with EREMCHG.
 * get_request never returns a request that the listener's policy refuses, but waits for the next.
 *
 * Take the events of ids that were given to these functions with rdma_ns_get_cm_event() or, if the
 * listener is synchronous, with rdma_ns_get_request(), and destroy the ids with
 * rdma_ns_destroy_id() or rdma_ns_destroy_ep().
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
 * Get where the request that created this id arrived, and everything that was decided about it.
 * Errors: ENODATA (no request that the functions above returned created this id), EINVAL (@size is
 * 0).
 */
int rdma_ns_get_ingress(struct rdma_cm_id *id, struct rdma_ns_ingress *ingress, size_t size);
int rdma_ns_get_resolution(struct rdma_cm_id *id, struct rdma_ns_resolution *resolution,
			   size_t size);

/*
 * Get what the two sides of a connection told each other. Errors: ENODATA (the id was neither
 * created by a request nor given to rdma_ns_connect()), EINVAL (@size is 0).
 */
int rdma_ns_get_exchange(struct rdma_cm_id *id, struct rdma_ns_exchange *exchange, size_t size);

/*
 * Get the settings of an id. Errors: ENODATA (this library has not seen it), EINVAL (@size is 0).
 */
int rdma_ns_get_id_info(struct rdma_cm_id *id, struct rdma_ns_id_info *info, size_t size);

/*
 * Tell @observer of each request that the library judges, including refused ones, and of the end of
 * each attempt to connect. There is one observer; NULL removes it. @context is passed to it
 * unchanged.
 *
 * The observer is called in the thread that takes the event, within rdma_ns_get_cm_event(),
 * rdma_ns_get_request() or a synchronous rdma_ns_connect(), before that function returns; so
 * several threads may call it at the same time. It is told of a refused request before the request
 * is rejected. The library holds no lock meanwhile. The observer may call any function of the
 * library, except that it must not take events, or destroy, accept or reject the observation's ids.
 *
 * When this function returns, the previous observer has returned and is not called again. If an
 * observer calls this function, it does not wait for observers in other threads. Returns 0.
 */
int rdma_ns_set_observer(rdma_ns_observer observer, void *context);

/* Get the counts of requests. Errors: EINVAL (@size is 0). */
int rdma_ns_get_statistics(struct rdma_ns_statistics *statistics, size_t size);

/* Return a value in words, in lower case; "unknown" if there is no such value. Never NULL. */
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

/* Find the policy that rdma_ns_policy_str() calls @word. Errors: EINVAL (there is none). */
int rdma_ns_policy_parse(const char *word, enum rdma_ns_policy *policy);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif /* RDMA_NS_H */
