// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * What librdma-ns adds to a connection, on each side, where librdmacm, the port and its IPoIB
 * netdevs are made up; the kernel's routes are real. tests/bench/native gives it a namespace where
 * lo has both addresses, and counts instructions with callgrind.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cm.h"
#include "generated.h"
#include "kernel_probe.h"
#include "netdev_follow.h"
#include "rdma_netlink.h"
#include "real.h"

#define BATCH 50 /* connections at a time, so that reading the clock costs little */

struct connection {
	struct rdma_cm_id client, server;
	uint8_t request[56], reply[196];
};

static uint32_t netdevs;
static struct rdma_event_channel channel;
static struct rdma_cm_event next;
static struct ibv_device device = { .name = "bench", .transport_type = IBV_TRANSPORT_IB };
static struct ibv_context context = { .device = &device };
static struct rdma_cm_id listener;

/* A librdmacm whose events are what next is, and which keeps what it would have sent. */

static int create_id(struct rdma_event_channel *of, struct rdma_cm_id **id, void *data,
		     enum rdma_port_space ps)
{
	*id = calloc(1, sizeof(**id));
	if (!*id)
		exit(1);
	(*id)->channel = of;
	(*id)->context = data;
	(*id)->ps = ps;
	return 0;
}

static int succeed(struct rdma_cm_id *id)
{
	(void)id;
	return 0;
}

static int bind_addr(struct rdma_cm_id *id, struct sockaddr *address)
{
	(void)address;
	return succeed(id);
}

static int listen_for(struct rdma_cm_id *id, int backlog)
{
	(void)backlog;
	return succeed(id);
}

static void keep(void *data, size_t size, const struct rdma_conn_param *param)
{
	memset(data, 0, size);
	if (param && param->private_data && param->private_data_len <= size)
		memcpy(data, param->private_data, param->private_data_len);
}

static int connect_to(struct rdma_cm_id *id, struct rdma_conn_param *param)
{
	struct connection *connection = id->context;

	keep(connection->request, sizeof(connection->request), param);
	return 0;
}

static int accept_it(struct rdma_cm_id *id, struct rdma_conn_param *param)
{
	struct connection *connection = id->context;

	keep(connection->reply, sizeof(connection->reply), param);
	return 0;
}

static int reject(struct rdma_cm_id *id, const void *data, uint8_t length)
{
	(void)data;
	(void)length;
	return succeed(id);
}

static int get_cm_event(struct rdma_event_channel *of, struct rdma_cm_event **event)
{
	(void)of;
	*event = &next;
	return 0;
}

static int ack_cm_event(struct rdma_cm_event *event)
{
	(void)event;
	return 0;
}

const struct real *__wrap_real_librdmacm(void);
const struct real *__wrap_real_librdmacm(void)
{
	static const struct real made_up = {
		.create_id = create_id,
		.destroy_id = succeed,
		.bind_addr = bind_addr,
		.listen = listen_for,
		.connect = connect_to,
		.accept = accept_it,
		.reject = reject,
		.get_cm_event = get_cm_event,
		.ack_cm_event = ack_cm_event,
	};

	return &made_up;
}

/* A stock kernel. */
int __wrap_kernel_probe(uint64_t features);
int __wrap_kernel_probe(uint64_t features)
{
	(void)features;
	return 0;
}

int __wrap_rdma_netlink_read_ports(struct ports *ports, int netns_fd);
int __wrap_rdma_netlink_read_ports(struct ports *ports, int netns_fd)
{
	(void)netns_fd;
	ports_release(ports);
	ports->list = calloc(1, sizeof(*ports->list));
	if (!ports->list)
		return -1;
	ports->list[0] = generated_port();
	ports->count = 1;
	return 0;
}

/* The namespace's own netdevs, of which lo is taken for one of IPoIB, and the generated ones. */
int __real_netdev_follow_update(struct netdev_follow *follow);
int __wrap_netdev_follow_update(struct netdev_follow *follow);
int __wrap_netdev_follow_update(struct netdev_follow *follow)
{
	const struct ns_link lo = { .ifindex = 1, .name = "lo", .kind = "ipoib", .qpn = 2,
				    .pkey = 0xffff, .gid = generated_gid };
	const bool first = !follow->complete;
	int status = __real_netdev_follow_update(follow);

	if (first && !status) {
		generated_fill(&follow->table, netdevs);
		ns_add_link(&follow->table, &lo);
	}
	return status;
}

static void put_ends(struct rdma_cm_id *id, const char *own, uint16_t own_port, const char *peer,
		     uint16_t peer_port)
{
	id->verbs = &context;
	id->channel = &channel;
	id->ps = RDMA_PS_TCP;
	id->qp_type = IBV_QPT_RC;
	id->port_num = 1;
	id->route.addr.src_storage = ns_sockaddr(own, own_port);
	id->route.addr.dst_storage = ns_sockaddr(peer, peer_port);
	memcpy(id->route.addr.addr.ibaddr.sgid.raw, generated_gid, sizeof(generated_gid));
	id->route.addr.addr.ibaddr.pkey = htons(0xffff);
}

static void get_event(enum rdma_cm_event_type type, struct rdma_cm_id *id, void *data,
		      uint8_t length)
{
	struct rdma_cm_event *event;

	memset(&next, 0, sizeof(next));
	next.event = type;
	next.id = id;
	next.listen_id = type == RDMA_CM_EVENT_CONNECT_REQUEST ? &listener : NULL;
	next.param.conn.private_data = data;
	next.param.conn.private_data_len = length;
	if (rdma_ns_get_cm_event(&channel, &event) || rdma_ns_ack_cm_event(event))
		exit(1);
}

/* These are the functions that callgrind collects. */

__attribute__((noinline)) void client_connects(struct connection *connections);
void client_connects(struct connection *connections)
{
	struct rdma_conn_param param = { .retry_count = 7 };

	for (int i = 0; i < BATCH; i++) {
		if (rdma_ns_connect(&connections[i].client, &param))
			exit(1);
	}
}

__attribute__((noinline)) void server_accepts(struct connection *connections);
void server_accepts(struct connection *connections)
{
	struct rdma_conn_param param = { .retry_count = 7 };

	for (int i = 0; i < BATCH; i++) {
		struct connection *connection = &connections[i];

		get_event(RDMA_CM_EVENT_CONNECT_REQUEST, &connection->server, connection->request,
			  sizeof(connection->request));
		if (rdma_ns_accept(&connection->server, &param))
			exit(1);
		get_event(RDMA_CM_EVENT_ESTABLISHED, &connection->server, NULL, 0);
	}
}

__attribute__((noinline)) void client_ends(struct connection *connections);
void client_ends(struct connection *connections)
{
	for (int i = 0; i < BATCH; i++) {
		struct connection *connection = &connections[i];

		get_event(RDMA_CM_EVENT_ESTABLISHED, &connection->client, connection->reply,
			  sizeof(connection->reply));
		get_event(RDMA_CM_EVENT_DISCONNECTED, &connection->client, NULL, 0);
	}
}

__attribute__((noinline)) void server_destroys(struct connection *connections);
void server_destroys(struct connection *connections)
{
	for (int i = 0; i < BATCH; i++) {
		get_event(RDMA_CM_EVENT_DISCONNECTED, &connections[i].server, NULL, 0);
		rdma_ns_destroy_id(&connections[i].server);
	}
}

__attribute__((noinline)) void client_destroys(struct connection *connections);
void client_destroys(struct connection *connections)
{
	for (int i = 0; i < BATCH; i++)
		rdma_ns_destroy_id(&connections[i].client);
}

/* What they say of the connection: that each knows which netdev of the other it is with. */
static void check(struct connection *connections)
{
	struct rdma_ns_exchange exchange;
	struct rdma_ns_ingress ingress;

	for (int i = 0; i < BATCH; i++) {
		if (rdma_ns_get_exchange(&connections[i].client, &exchange, sizeof(exchange)) ||
		    exchange.answer != RDMA_NS_ANSWER_AS_AIMED ||
		    rdma_ns_get_ingress(&connections[i].server, &ingress, sizeof(ingress)) ||
		    ingress.decided_by != RDMA_NS_BY_QPN || ingress.route != RDMA_NS_ROUTE_SELF) {
			fprintf(stderr, "ns-connections: a connection was not judged\n");
			exit(1);
		}
	}
}

struct sides {
	double client, server;
};

static struct sides connect_all(struct connection *connections)
{
	struct sides spent = { 0 };
	double at = processor_us(), then;

	client_connects(connections);
	then = processor_us();
	spent.client += then - at;
	server_accepts(connections);
	at = processor_us();
	spent.server += at - then;
	client_ends(connections);
	then = processor_us();
	spent.client += then - at;
	check(connections);
	at = processor_us();
	server_destroys(connections);
	then = processor_us();
	spent.server += then - at;
	client_destroys(connections);
	spent.client += processor_us() - then;
	return spent;
}

int main(int argc, char **argv)
{
	static struct connection connections[BATCH];
	unsigned long batches = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
	struct sides best = { 0 };

	netdevs = argc == 3 ? (uint32_t)strtoul(argv[1], NULL, 10) : 0;
	if (!batches || !netdevs || netdevs > 1000000) {
		fprintf(stderr, "usage: ns-connections NETDEVS BATCHES, each of %d connections\n", BATCH);
		return 2;
	}
	channel.fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	cm_is_interposed();
	put_ends(&listener, "10.0.0.5", 7471, "0.0.0.0", 0);
	if (rdma_ns_listen(&listener, BATCH))
		return 1;
	for (unsigned long batch = 0; batch < batches; batch++) {
		struct sides spent;

		for (int i = 0; i < BATCH; i++) {
			struct connection *connection = &connections[i];

			memset(connection, 0, sizeof(*connection));
			put_ends(&connection->client, "10.0.0.9", (uint16_t)(40000 + i),
				 "10.0.0.5", 7471);
			put_ends(&connection->server, "10.0.0.5", 7471, "10.0.0.9",
				 (uint16_t)(40000 + i));
			connection->client.context = connection->server.context = connection;
		}
		spent = connect_all(connections);
		if (!batch || spent.client < best.client)
			best.client = spent.client;
		if (!batch || spent.server < best.server)
			best.server = spent.server;
	}
	printf("{\"bench\":\"connection\",\"side\":\"client\",\"netdevs\":%u,\"unit\":\"us\",\"value\":%.2f}\n"
	       "{\"bench\":\"connection\",\"side\":\"server\",\"netdevs\":%u,\"unit\":\"us\",\"value\":%.2f}\n",
	       netdevs, best.client / BATCH, netdevs, best.server / BATCH);
	return 0;
}
