// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * The passive side: requests at the listeners, answered or rejected, and the records that come with
 * them.
 */
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "cm_script.h"
#include "ingress.h"
#include "netns.h"
#include "own_qp.h"

#define COOKIE 0x1122334455667788u

static struct rdma_user_cm_ns_ingress record;
static bool have_record;
static char record_netns[32];

int request_want_record(struct endpoint *endpoint)
{
	int status = ingress_want(endpoint->id, COOKIE);

	endpoint->receives = !status;
	return status;
}

static void keep_record(const struct endpoint *endpoint, const struct rdma_cm_event *event)
{
	have_record = endpoint->receives && ingress_take(event, COOKIE, &record);
	strcpy(record_netns, endpoint->netns);
}

/* The id of a request at @endpoint, or NULL. */
static struct rdma_cm_id *take_request(const struct endpoint *endpoint)
{
	struct rdma_cm_event *event;
	struct rdma_cm_id *id;

	if (rdma_get_cm_event(endpoint->channel, &event))
		return NULL;
	id = event->event == RDMA_CM_EVENT_CONNECT_REQUEST ? event->id : NULL;
	if (id)
		keep_record(endpoint, event);
	rdma_ack_cm_event(event);
	return id;
}

/* The connection is not used. */
void request_answer(const struct endpoint *endpoint)
{
	struct rdma_conn_param param = {
		.private_data = endpoint->name,
		.private_data_len = (uint8_t)(strlen(endpoint->name) + 1),
		.responder_resources = 1,
		.initiator_depth = 1,
	};
	struct rdma_cm_id *id = take_request(endpoint);
	struct ibv_qp *qp;

	if (!id)
		return;
	qp = own_qp(id->verbs);
	param.qp_num = qp->qp_num;
	rdma_accept(id, &param);
	rdma_destroy_id(id);
	ibv_destroy_qp(qp);
}

nfds_t request_channels(struct pollfd *ready, struct endpoint **owners, nfds_t number)
{
	for (size_t i = 0; i < ENDPOINTS; i++) {
		if (!endpoints[i].channel || endpoints[i].connects)
			continue;
		owners[number] = &endpoints[i];
		ready[number++] =
			(struct pollfd){ .fd = endpoints[i].channel->fd, .events = POLLIN };
	}
	return number;
}

void request_reject(void)
{
	struct pollfd ready[ENDPOINTS];
	struct endpoint *owners[ENDPOINTS];
	nfds_t number = request_channels(ready, owners, 0);
	struct rdma_cm_id *id;

	if (poll(ready, number, 7 * TIMEOUT_MS) <= 0) {
		puts("TIMEOUT");
		return;
	}
	for (nfds_t i = 0; i < number; i++) {
		if (!ready[i].revents)
			continue;
		id = take_request(owners[i]);
		if (!id)
			break;
		puts(owners[i]->name);
		rdma_reject(id, NULL, 0);
		rdma_destroy_id(id);
		return;
	}
	puts("no request");
}

static const char *name_of(uint32_t ifindex, char name[IF_NAMESIZE])
{
	netns_enter(record_netns);
	if (!ifindex || !if_indextoname(ifindex, name))
		strcpy(name, "-");
	netns_enter("host");
	return name;
}

void request_print_record(void)
{
	const struct rdma_user_cm_ns_ingress *found = &record;
	char ingress[IF_NAMESIZE], handling[IF_NAMESIZE], vrf[IF_NAMESIZE], port[IF_NAMESIZE];

	if (!have_record) {
		puts("none");
		return;
	}
	printf("ingress=%s handling=%s vrf=%s bond_port=%s by=%u route=%u rule=%u reason=%u "
	       "policy=%u candidates=%u pkey=%#x port=%u transport=%u flags=%#x own_qpn=%d netns=%s\n",
	       name_of(found->ifindex, ingress), name_of(found->handling_ifindex, handling),
	       name_of(found->vrf_ifindex, vrf), name_of(found->port_ifindex, port),
	       found->decided_by, found->route, found->rule, found->reason, found->policy,
	       found->candidates, found->pkey, found->port, found->transport, found->flags,
	       found->wanted_qpn == found->local_qpn, found->netns ? "known" : "0");
}
