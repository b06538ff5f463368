// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <stdio.h>

#include "ns_peer.h"

void print_data(const struct rdma_cm_event *event)
{
	const bool datagram = event->id->qp_type == IBV_QPT_UD;
	const uint8_t *data =
		datagram ? event->param.ud.private_data : event->param.conn.private_data;
	unsigned int length = datagram ? event->param.ud.private_data_len :
					 event->param.conn.private_data_len;

	printf(",\"length\":%u,\"data\":\"", length);
	for (unsigned int i = 0; data && i < length; i++)
		printf("%02x", data[i]);
	putchar('"');
}

void print_exchange(struct rdma_cm_id *id)
{
	struct rdma_ns_exchange exchange;

	if (rdma_ns_get_exchange(id, &exchange, sizeof(exchange))) {
		printf(",\"exchange\":%d", -errno);
		return;
	}
	printf(",\"sent\":\"%s\",\"received\":%d,\"local_qpn\":\"0x%06x\",\"wanted_qpn\":\"0x%06x\","
	       "\"peer_qpn\":\"0x%06x\",\"who\":\"%s\",\"refusal\":\"%s\"",
	       rdma_ns_sent_str(exchange.sent), exchange.received, exchange.local_qpn,
	       exchange.wanted_qpn, exchange.peer_qpn, rdma_ns_answer_str(exchange.answer),
	       rdma_ns_reason_str(exchange.refusal));
}

void print_ingress(struct rdma_cm_id *id)
{
	struct rdma_ns_resolution resolution;
	struct rdma_ns_ingress ingress;

	if (rdma_ns_get_resolution(id, &resolution, sizeof(resolution)) ||
	    rdma_ns_get_ingress(id, &ingress, sizeof(ingress))) {
		printf(",\"ingress\":%d", -errno);
		return;
	}
	printf(",\"verdict\":\"%s\",\"reason\":\"%s\",\"netdev\":\"%s\",\"ifindex\":%u,"
	       "\"vlan\":%u,\"aggregated\":%u,\"vrf\":%u,\"handling\":\"%s\",\"netns\":%llu,"
	       "\"device\":\"%s\",\"port\":%u,\"p_key\":\"0x%04x\","
	       "\"netdev_qpn\":\"0x%06x\",\"candidates\":%u,\"by\":\"%s\",\"route\":\"%s\",\"rule\":\"%s\","
	       "\"decider\":\"%s\"",
	       rdma_ns_verdict_str(resolution.verdict), rdma_ns_reason_str(resolution.reason),
	       ingress.name, ingress.ifindex, ingress.vlan, ingress.port_ifindex,
	       ingress.vrf_ifindex, ingress.handling_name, (unsigned long long)ingress.netns,
	       ingress.device, ingress.port, ingress.pkey, ingress.local_qpn, ingress.candidates,
	       rdma_ns_decided_by_str(ingress.decided_by), rdma_ns_route_str(ingress.route),
	       rdma_ns_rule_str(ingress.rule), rdma_ns_decider_str(ingress.decider));
}

int fail(const char *what)
{
	printf("{\"event\":\"%s\",\"status\":%d}\n", what, -errno);
	return -1;
}

int report(const struct rdma_cm_event *event, struct rdma_cm_id *id)
{
	int status = event->event == RDMA_CM_EVENT_ESTABLISHED ||
				     event->event == RDMA_CM_EVENT_CONNECT_RESPONSE ?
			     0 :
			     -1;

	printf("{\"event\":\"%s\",\"status\":%d", rdma_event_str(event->event) + 14, event->status);
	print_data(event);
	print_exchange(id);
	printf("}\n");
	return status;
}

int print_statistics(void)
{
	struct rdma_ns_statistics statistics;

	if (rdma_ns_get_statistics(&statistics, sizeof(statistics)))
		return fail("rdma_ns_get_statistics");
	printf("{\"event\":\"statistics\",\"accepted\":%llu,\"flagged\":%llu,\"refused\":%llu}\n",
	       (unsigned long long)statistics.accepted, (unsigned long long)statistics.flagged,
	       (unsigned long long)statistics.refused);
	return 0;
}
