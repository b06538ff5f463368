// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Usage: ns-churn LISTENER-NETNS CLIENT-NETNS IPv4-ADDRESS CONNECTIONS
 *
 * Eight threads over librdma-ns: four take the events of one listener's channel, accept, reject and
 * destroy; four connect, disconnect and destroy. Status 0: every attempt ended in one way or the
 * other.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rdma/rdma_ns.h>

#include "netns.h"

#define THREADS 4
#define TIMEOUT_MS 10000

static struct sockaddr_in address = { .sin_family = AF_INET };
static struct rdma_event_channel *served;
static atomic_bool over;
static atomic_uint requests, established, rejected, failures;
static unsigned int connections;
static int client_netns;

static struct rdma_event_channel *open_channel(void)
{
	struct rdma_event_channel *channel = rdma_create_event_channel();

	if (!channel || fcntl(channel->fd, F_SETFL, O_NONBLOCK)) {
		perror("ns-churn: rdma_create_event_channel");
		exit(1);
	}
	return channel;
}

static struct rdma_cm_id *open_id(struct rdma_event_channel *channel, int netns_fd)
{
	struct rdma_ns_id_opts opts = { .size = sizeof(opts), .policy = RDMA_NS_POLICY_VERIFY };
	struct rdma_cm_id *id;

	if (netns_fd >= 0) {
		opts.flags = RDMA_NS_ID_NETNS_FD;
		opts.netns_fd = netns_fd;
	}
	if (rdma_ns_create_id(channel, &id, NULL, RDMA_PS_TCP, &opts)) {
		perror("ns-churn: rdma_ns_create_id");
		exit(1);
	}
	return id;
}

static bool next(struct rdma_event_channel *channel, int timeout_ms, struct rdma_cm_event **event)
{
	struct pollfd readable = { .fd = channel->fd, .events = POLLIN };

	while (rdma_ns_get_cm_event(channel, event)) {
		if (errno != EAGAIN || poll(&readable, 1, timeout_ms) <= 0)
			return false;
	}
	return true;
}

static int create_qp(struct rdma_cm_id *id)
{
	struct ibv_qp_init_attr attr = {
		.cap = { .max_send_wr = 1, .max_recv_wr = 1, .max_send_sge = 1, .max_recv_sge = 1 },
		.qp_type = IBV_QPT_RC,
	};

	return rdma_create_qp(id, NULL, &attr);
}

static void destroy(struct rdma_cm_id *id)
{
	if (id->qp)
		rdma_destroy_qp(id);
	if (rdma_ns_destroy_id(id)) {
		perror("ns-churn: rdma_ns_destroy_id");
		failures++;
	}
}

static void answer(struct rdma_cm_id *id)
{
	struct rdma_ns_ingress ingress;

	if (rdma_ns_get_ingress(id, &ingress, sizeof(ingress)) || !ingress.ifindex)
		failures++;
	if (requests++ % 3 == 2) {
		rdma_ns_reject(id, "no", 2);
		destroy(id);
	} else if (create_qp(id) || rdma_ns_accept(id, NULL)) {
		destroy(id);
	}
}

static void *serve(void *data)
{
	struct rdma_cm_event *event;

	while (!over) {
		enum rdma_cm_event_type type;
		struct rdma_cm_id *id;

		if (!next(served, 200, &event))
			continue;
		type = event->event;
		id = event->id;
		rdma_ns_ack_cm_event(event);
		if (type == RDMA_CM_EVENT_CONNECT_REQUEST)
			answer(id);
		else if (type != RDMA_CM_EVENT_ESTABLISHED && type != RDMA_CM_EVENT_TIMEWAIT_EXIT)
			destroy(id);
	}
	return data;
}

static enum rdma_cm_event_type wait_for_event(struct rdma_event_channel *channel)
{
	enum rdma_cm_event_type type = RDMA_CM_EVENT_TIMEWAIT_EXIT;
	struct rdma_cm_event *event;

	if (next(channel, TIMEOUT_MS, &event)) {
		type = event->event;
		rdma_ns_ack_cm_event(event);
	}
	return type;
}

static void connect_once(struct rdma_event_channel *channel, struct rdma_cm_id *id)
{
	enum rdma_cm_event_type type;

	if (rdma_ns_resolve_addr(id, NULL, (struct sockaddr *)&address, TIMEOUT_MS) ||
	    wait_for_event(channel) != RDMA_CM_EVENT_ADDR_RESOLVED ||
	    rdma_resolve_route(id, TIMEOUT_MS) ||
	    wait_for_event(channel) != RDMA_CM_EVENT_ROUTE_RESOLVED || create_qp(id) ||
	    rdma_ns_connect(id, NULL)) {
		failures++;
		return;
	}
	type = wait_for_event(channel);
	if (type == RDMA_CM_EVENT_ESTABLISHED) {
		established++;
		rdma_disconnect(id);
	} else if (type == RDMA_CM_EVENT_REJECTED) {
		rejected++;
	} else {
		fprintf(stderr, "ns-churn: %s\n", rdma_event_str(type));
		failures++;
	}
}

static void *ask(void *data)
{
	for (unsigned int i = 0; i < connections; i++) {
		struct rdma_event_channel *channel = open_channel();
		struct rdma_cm_id *id = open_id(channel, client_netns);

		connect_once(channel, id);
		destroy(id);
		rdma_destroy_event_channel(channel);
	}
	return data;
}

int main(int argc, char **argv)
{
	pthread_t servers[THREADS], clients[THREADS];
	struct rdma_cm_id *listener;

	if (argc != 5 || inet_pton(AF_INET, argv[3], &address.sin_addr) != 1) {
		fprintf(stderr, "usage: ns-churn LISTENER-NETNS CLIENT-NETNS IPv4-ADDRESS CONNECTIONS\n");
		return 2;
	}
	address.sin_port = htons(7471);
	connections = (unsigned int)strtoul(argv[4], NULL, 10);
	client_netns = netns_open(argv[2]);
	served = open_channel();
	listener = open_id(served, netns_open(argv[1]));
	if (rdma_bind_addr(listener, (struct sockaddr *)&address) || rdma_ns_listen(listener, 64)) {
		perror("ns-churn: listen");
		return 1;
	}
	for (int i = 0; i < THREADS; i++) {
		if (pthread_create(&servers[i], NULL, serve, NULL) ||
		    pthread_create(&clients[i], NULL, ask, NULL))
			return 1;
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(clients[i], NULL);
	over = true;
	for (int i = 0; i < THREADS; i++)
		pthread_join(servers[i], NULL);
	printf("established %u rejected %u failed %u\n", established, rejected, failures);
	return failures || established + rejected != THREADS * connections;
}
