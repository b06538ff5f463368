// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <string.h>

#include "address.h"
#include "ingress.h"
#include "listener.h"
#include "neighbour.h"
#include "rdma_netlink.h"
#include "resolver.h"
#include "route.h"
#include "verdict.h"

/*
 * A port's GID table follows the addresses of its netdevs, but with a delay and silently.
 */
#define GIDS_SETTLE_MS 500

static int64_t milliseconds(const struct timespec *from, const struct timespec *to)
{
	return (to->tv_sec - from->tv_sec) * 1000 + (to->tv_nsec - from->tv_nsec) / 1000000;
}

int resolver_open(struct resolver *resolver, int netns_fd)
{
	uint64_t netns = netlink_netns_inode(netns_fd);

	memset(resolver, 0, sizeof(*resolver));
	if (!netns || netdev_follow_open(&resolver->follow, netns_fd))
		return -1;
	resolver->netns = netns;
	resolver->netns_fd = -1;
	return 0;
}

void resolver_close(struct resolver *resolver)
{
	if (!resolver->netns)
		return;
	netdev_follow_close(&resolver->follow);
	ports_release(&resolver->ports);
	resolver->netns = 0;
}

int resolver_update(struct resolver *resolver)
{
	if (netdev_follow_update(&resolver->follow))
		return -1;
	if (resolver->changes != resolver->follow.table.changes) {
		resolver->changes = resolver->follow.table.changes;
		clock_gettime(CLOCK_MONOTONIC, &resolver->changed);
	}
	return 0;
}

static int read_ports(struct resolver *resolver)
{
	if (rdma_netlink_read_ports(&resolver->ports, resolver->netns_fd))
		return -1;
	clock_gettime(CLOCK_MONOTONIC, &resolver->ports_read);
	return 0;
}

int resolver_prepare(struct resolver *resolver)
{
	const bool have_ports = resolver->ports_read.tv_sec || resolver->ports_read.tv_nsec;

	if (resolver_update(resolver))
		return -1;
	return have_ports ? 0 : read_ports(resolver);
}

static const struct port *find_port_anew(struct resolver *resolver,
					 const struct rdma_ns_request *request)
{
	const struct port *port;

	if (read_ports(resolver))
		return NULL;
	port = ports_find(&resolver->ports, request->device, request->port);
	if (!port)
		errno = ENODEV;
	return port;
}

static const struct port *find_port(struct resolver *resolver,
				    const struct rdma_ns_request *request)
{
	const struct port *port = ports_find(&resolver->ports, request->device, request->port);

	if (port && (port->transport == RDMA_NS_TRANSPORT_IB ||
		     milliseconds(&resolver->changed, &resolver->ports_read) > GIDS_SETTLE_MS))
		return port;
	return find_port_anew(resolver, request);
}

/*
 * A GID may appear late, and a new subnet prefix changes all GIDs of a port; both happen silently.
 */
static bool depends_on_gids(const struct port *port, const struct rdma_ns_request *request)
{
	return port->transport != RDMA_NS_TRANSPORT_IB || !(request->flags & RDMA_NS_REQUEST_GID);
}

static void describe(const struct resolver *resolver, const struct port *port,
		     const struct rdma_ns_request *request, const struct ingress *found,
		     struct rdma_ns_ingress *ingress)
{
	ingress->netns = resolver->netns;
	memcpy(ingress->device, port->device, sizeof(ingress->device));
	ingress->port = port->number;
	ingress->transport = port->transport;
	ingress->decider = RDMA_NS_DECIDER_LIBRARY;
	if (port->transport == RDMA_NS_TRANSPORT_IB) {
		ingress->pkey = request->pkey;
		ingress->peer_qpn = request->peer_qpn;
		if (request->flags & RDMA_NS_REQUEST_QPN)
			ingress->wanted_qpn = request->qpn;
	}
	ingress->candidates = found->candidates;
	ingress->decided_by = found->decided_by;
	if (!found->netdev)
		return;
	ingress->ifindex = found->netdev->link.ifindex;
	memcpy(ingress->name, found->netdev->link.name, sizeof(ingress->name));
	if (found->port)
		ingress->port_ifindex = found->port->link.ifindex;
	ingress->vlan = found->netdev->link.vlan;
	if (port->transport == RDMA_NS_TRANSPORT_IB) {
		ingress->pkey = found->netdev->link.pkey;
		ingress->local_qpn = found->netdev->link.qpn;
	}
}

static void find_route(struct resolver *resolver, const struct rdma_ns_request *request,
		       const struct ingress *found, struct rdma_ns_ingress *ingress)
{
	const struct netdev_table *table = &resolver->follow.table;
	struct route_answer answer;
	const struct netdev *vrf;

	if (!found->netdev)
		return;
	vrf = netdev_vrf(table, found->netdev);
	if (vrf)
		ingress->vrf_ifindex = vrf->link.ifindex;
	if (netdev_is_up(found->netdev) && netdev_is_backup(table, found->port)) {
		ingress->route = RDMA_NS_ROUTE_BACKUP_PORT;
		return;
	}
	route_check(&resolver->follow.queries, table, found->netdev, &request->source,
		    &request->destination, &answer);
	ingress->route = answer.route;
	ingress->route_errno = answer.error;
	if (answer.handling) {
		ingress->handling_ifindex = answer.handling->link.ifindex;
		memcpy(ingress->handling_name, answer.handling->link.name,
		       sizeof(ingress->handling_name));
	}
}

static void find_listener(const struct rdma_ns_request *request,
			  struct rdma_ns_resolution *resolution)
{
	struct listener_request wanted = {
		.destination = &request->destination,
		.port_space = request->port_space,
		.ingress = resolution->ingress.ifindex,
		.vrf = resolution->ingress.vrf_ifindex,
	};
	struct rdma_ns_listener listener;

	if (!request->listeners)
		return;
	resolution->listener = listener_find(request->listeners, request->listeners_count,
					     request->listener_size, &wanted,
					     &resolution->ingress.rule);
	if (resolution->listener < 0)
		return;
	listener_copy(request->listeners, request->listener_size, (size_t)resolution->listener,
		      &listener);
	if (listener.policy > resolution->policy)
		resolution->policy = listener.policy;
}

void resolver_judge(const struct rdma_ns_request *request, struct rdma_ns_resolution *resolution)
{
	const struct rdma_ns_ingress *ingress = &resolution->ingress;
	const struct verdict_evidence evidence = {
		.transport = ingress->transport,
		.af_ib = request->destination.ss_family == AF_IB,
		.qpn_sent = ingress->transport == RDMA_NS_TRANSPORT_IB &&
			    request->flags & RDMA_NS_REQUEST_QPN,
		.handling_differs = ingress->handling_ifindex &&
				    ingress->handling_ifindex != ingress->ifindex,
		.decided_by = ingress->decided_by,
		.route = ingress->route,
		.rule = ingress->rule,
	};

	resolution->verdict = verdict_give(resolution->policy, &evidence, &resolution->reason);
}

int resolver_resolve(struct resolver *resolver, const struct rdma_ns_request *request,
		     struct rdma_ns_resolution *resolution)
{
	const bool af_ib = request->destination.ss_family == AF_IB;
	struct rdma_ns_ingress *ingress = &resolution->ingress;
	struct ingress found = { 0 };
	const struct port *port;

	if (resolver_update(resolver))
		return -1;
	port = find_port(resolver, request);
	if (!port)
		return -1;
	if (port->transport == RDMA_NS_TRANSPORT_IB && !(request->pkey & 0x7fff)) {
		errno = EINVAL;
		return -1;
	}
	if (!af_ib)
		ingress_find(&resolver->follow.table, port, request, &found);
	if (!af_ib && !found.netdev && depends_on_gids(port, request)) {
		port = find_port_anew(resolver, request);
		if (!port)
			return -1;
		ingress_find(&resolver->follow.table, port, request, &found);
	}

	memset(resolution, 0, sizeof(*resolution));
	resolution->listener = -1;
	resolution->policy = request->policy;
	describe(resolver, port, request, &found, ingress);
	if (!af_ib) {
		find_route(resolver, request, &found, ingress);
		find_listener(request, resolution);
	}
	resolver_judge(request, resolution);
	return 0;
}

uint32_t resolver_answering_qpn(struct resolver *resolver, const struct rdma_ns_request *request)
{
	struct rdma_ns_request without = *request;
	struct ingress found = { 0 };
	const struct port *port;

	without.flags &= ~RDMA_NS_REQUEST_QPN;
	port = resolver_update(resolver) ? NULL : find_port(resolver, &without);
	if (!port || !address_ip(&without.destination))
		return 0;
	ingress_find(&resolver->follow.table, port, &without, &found);
	return found.netdev ? found.netdev->link.qpn : 0;
}

enum rdma_ns_transport resolver_transport(struct resolver *resolver, const char *device,
					  uint32_t port)
{
	const struct port *found = ports_find(&resolver->ports, device, port);

	if (!found && !read_ports(resolver))
		found = ports_find(&resolver->ports, device, port);
	return found ? found->transport : RDMA_NS_TRANSPORT_UNKNOWN;
}

int resolver_find_source(struct resolver *resolver, const struct rdma_ns_request *request,
			 struct resolver_source *source)
{
	struct ingress found = { 0 };
	const struct netdev *vrf;
	const struct port *port;

	memset(source, 0, sizeof(*source));
	if (resolver_update(resolver))
		return -1;
	port = find_port(resolver, request);
	if (!port)
		return -1;
	source->transport = port->transport;
	ingress_find(&resolver->follow.table, port, request, &found);
	if (!found.netdev || found.candidates != 1)
		return 0;
	source->ifindex = found.netdev->link.ifindex;
	vrf = netdev_vrf(&resolver->follow.table, found.netdev);
	source->vrf_ifindex = vrf ? vrf->link.ifindex : 0;
	if (port->transport != RDMA_NS_TRANSPORT_IB)
		return 0;
	source->qpn = found.netdev->link.qpn;
	source->destination_qpn = neighbour_qpn(&resolver->follow.queries, &resolver->follow.table,
						found.netdev, &request->destination,
						&request->source, &source->neighbour);
	return 0;
}
