// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Synchronous endpoints, as rdma_create_ep() and rdma_get_request() have them. */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "ns_peer.h"

static struct ibv_qp_init_attr qp_attr(void)
{
	return (struct ibv_qp_init_attr){
		.cap = { .max_send_wr = 1, .max_recv_wr = 1, .max_send_sge = 1, .max_recv_sge = 1 },
		.qp_type = IBV_QPT_RC,
	};
}

static struct rdma_addrinfo addrinfo(const struct peer *peer)
{
	const socklen_t length = peer->address.ss_family == AF_INET ? sizeof(struct sockaddr_in) :
								     sizeof(struct sockaddr_in6);
	struct rdma_addrinfo info = {
		.ai_family = peer->address.ss_family,
		.ai_qp_type = IBV_QPT_RC,
		.ai_port_space = RDMA_PS_TCP,
	};

	if (peer->listen) {
		info.ai_flags = RAI_PASSIVE;
		info.ai_src_len = length;
		info.ai_src_addr = (struct sockaddr *)&peer->address;
	} else {
		info.ai_dst_len = length;
		info.ai_dst_addr = (struct sockaddr *)&peer->address;
	}
	return info;
}

static void answer(const struct peer *peer, struct rdma_cm_id *id)
{
	struct rdma_conn_param param;
	int status;

	printf("{\"event\":\"request\"");
	print_data(id->event);
	print_ingress(id);
	if (peer->reject)
		status = rdma_ns_reject(id, peer->data, data_length(peer));
	else
		status = rdma_ns_accept(id, param_of(peer, id, &param));
	if (status)
		status = -errno;
	print_exchange(id);
	printf(",\"status\":%d}\n", status);
	if (!status && !peer->reject)
		rdma_disconnect(id);
	rdma_ns_destroy_ep(id);
}

int endpoint_listen(const struct peer *peer)
{
	struct ibv_qp_init_attr attr = qp_attr();
	struct rdma_addrinfo info = addrinfo(peer);
	struct rdma_cm_id *listener, *id;

	if (rdma_ns_create_ep(&listener, &info, NULL, &attr, &peer->opts))
		return fail("rdma_ns_create_ep");
	if (rdma_ns_listen(listener, 64))
		return fail("rdma_ns_listen");
	printf("{\"event\":\"listening\"}\n");
	while (!ended) {
		if (!rdma_ns_get_request(listener, &id))
			answer(peer, id);
		else if (errno != EINTR)
			return fail("rdma_ns_get_request");
	}
	rdma_ns_destroy_ep(listener);
	return print_statistics();
}

int endpoint_connect(const struct peer *peer)
{
	struct ibv_qp_init_attr attr = qp_attr();
	struct rdma_addrinfo info = addrinfo(peer);
	struct rdma_conn_param param;
	struct rdma_cm_id *id;
	uint8_t before[256];
	int status;

	/* Not what the private data begin with. */
	memset(before, 0xcc, sizeof(before));
	info.ai_connect = before;
	info.ai_connect_len = (size_t)peer->connect_length;
	if (rdma_ns_create_ep(&id, &info, NULL, &attr, &peer->opts))
		return fail("rdma_ns_create_ep");
	if (rdma_ns_connect(id, param_of(peer, id, &param))) {
		status = id->event ? report(id->event, id) : fail("rdma_ns_connect");
	} else {
		status = report(id->event, id);
		rdma_disconnect(id);
	}
	rdma_ns_destroy_ep(id);
	return status;
}
