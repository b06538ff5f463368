/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* What ns-peer was told, and what its parts share. */
#ifndef NS_PEER_H
#define NS_PEER_H

#include <stdbool.h>

#include <rdma/rdma_ns.h>

#define PORT 7471
#define TIMEOUT_MS 10000

struct peer {
	bool listen, datagram, null_param, synchronous, endpoint, own_qp, reject;
	struct sockaddr_storage address, source; /* the source has no family if it is left open */
	struct rdma_ns_id_opts opts;
	unsigned int count;
	uint8_t data[255];
	const char *data_lengths; /* NULL: 0 */
	int connect_length;
	struct rdma_event_channel *channel;
};

/* Set by SIGTERM. */
extern volatile bool ended;

/* Synchronous endpoints, from rdma_ns_create_ep(); the exit status. */
int endpoint_listen(const struct peer *peer);
int endpoint_connect(const struct peer *peer);

/* Of the next message. */
uint8_t data_length(const struct peer *peer);

/* @param as the options want it; NULL with -0. */
struct rdma_conn_param *param_of(const struct peer *peer, const struct rdma_cm_id *id,
				 struct rdma_conn_param *param);

/* Parts of a JSON object. */
void print_data(const struct rdma_cm_event *event);
void print_exchange(struct rdma_cm_id *id);
void print_ingress(struct rdma_cm_id *id);

/* A whole one: the end of an attempt to connect. -1 unless it succeeded. */
int report(const struct rdma_cm_event *event, struct rdma_cm_id *id);

int print_statistics(void);

/* A whole one, with errno. -1. */
int fail(const char *what);

#endif
