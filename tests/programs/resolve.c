// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "resolve.h"

void resolve_ib_address(struct sockaddr_ib *address, const uint8_t gid[16], uint16_t p_key,
			enum rdma_port_space space, uint16_t port)
{
	memset(address, 0, sizeof(*address));
	address->sib_family = AF_IB;
	address->sib_pkey = htons(p_key);
	memcpy(&address->sib_addr, gid, 16);
	if (!port)
		return;
	address->sib_sid = htobe64((uint64_t)space << 16 | ntohs(port));
	address->sib_sid_mask = ~(uint64_t)0;
}

static void finish_step(struct rdma_event_channel *channel, int status,
			enum rdma_cm_event_type wanted)
{
	struct rdma_cm_event *event;

	if (status || rdma_get_cm_event(channel, &event)) {
		fprintf(stderr, "%s: no %s: %s\n", program_invocation_short_name,
			rdma_event_str(wanted), strerror(errno));
		exit(1);
	}
	if (event->event != wanted) {
		fprintf(stderr, "%s: %s %d\n", program_invocation_short_name,
			rdma_event_str(event->event), event->status);
		exit(1);
	}
	rdma_ack_cm_event(event);
}

struct rdma_cm_id *resolve_id(struct rdma_event_channel *channel, enum rdma_port_space space,
			      void *from, void *to)
{
	struct rdma_cm_id *id;

	if (rdma_create_id(channel, &id, NULL, space)) {
		perror("rdma_create_id");
		exit(1);
	}
	finish_step(channel, rdma_resolve_addr(id, from, to, RESOLVE_TIMEOUT_MS),
		    RDMA_CM_EVENT_ADDR_RESOLVED);
	finish_step(channel, rdma_resolve_route(id, RESOLVE_TIMEOUT_MS),
		    RDMA_CM_EVENT_ROUTE_RESOLVED);
	return id;
}
