// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <arpa/inet.h>
#include <string.h>

#include "cm_id.h"

bool cm_id_is_datagram(const struct rdma_cm_id *id)
{
	return id->qp_type == IBV_QPT_UD;
}

/* It calls no function of libibverbs, with which the preload library is not linked. */
enum rdma_ns_transport cm_id_transport(const struct rdma_cm_id *id)
{
	struct ibv_port_attr port = { 0 };
	struct verbs_context *verbs;

	if (!id->verbs)
		return RDMA_NS_TRANSPORT_UNKNOWN;
	if (id->verbs->device->transport_type == IBV_TRANSPORT_IWARP)
		return RDMA_NS_TRANSPORT_IWARP;
	verbs = verbs_get_ctx_op(id->verbs, query_port);
	if (!verbs || verbs->query_port(id->verbs, id->port_num, &port, sizeof(port)))
		return RDMA_NS_TRANSPORT_UNKNOWN;
	switch (port.link_layer) {
	case IBV_LINK_LAYER_INFINIBAND:
		return RDMA_NS_TRANSPORT_IB;
	case IBV_LINK_LAYER_ETHERNET:
		return RDMA_NS_TRANSPORT_ROCE;
	default:
		return RDMA_NS_TRANSPORT_UNKNOWN;
	}
}

void cm_id_request(const struct rdma_cm_id *id, struct rdma_ns_request *request)
{
	memset(request, 0, sizeof(*request));
	request->size = sizeof(*request);
	if (id->verbs)
		memcpy(request->device, id->verbs->device->name,
		       strnlen(id->verbs->device->name, sizeof(request->device) - 1));
	request->port = id->port_num;
	request->source = id->route.addr.dst_storage;
	request->destination = id->route.addr.src_storage;
	request->port_space = id->ps;
	if (id->verbs && id->verbs->device->transport_type == IBV_TRANSPORT_IWARP)
		return;
	request->flags = RDMA_NS_REQUEST_GID;
	request->gid = id->route.addr.addr.ibaddr.sgid;
	request->pkey = ntohs(id->route.addr.addr.ibaddr.pkey);
}

void *cm_event_data(const struct rdma_cm_event *event, size_t *length)
{
	const bool datagram = cm_id_is_datagram(event->id);
	const void *data = datagram ? event->param.ud.private_data : event->param.conn.private_data;

	*length = datagram ? event->param.ud.private_data_len : event->param.conn.private_data_len;
	if (!data)
		*length = 0;
	/* The data are in the event, which librdmacm has allocated and the caller will free. */
	return (void *)data;
}

/* If there are no data, the pointer is NULL, as with librdmacm. */
void cm_event_set_length(struct rdma_cm_event *event, size_t length)
{
	if (cm_id_is_datagram(event->id)) {
		event->param.ud.private_data_len = (uint8_t)length;
		if (!length)
			event->param.ud.private_data = NULL;
	} else {
		event->param.conn.private_data_len = (uint8_t)length;
		if (!length)
			event->param.conn.private_data = NULL;
	}
}

/* A record that is forged, damaged or stale is not believed; the application can learn why. */
static const char *why_ignored(enum qpn_record_status record)
{
	if (record == QPN_RECORD_OK || record == QPN_RECORD_ABSENT || record == QPN_RECORD_NO_TUPLE)
		return NULL;
	return qpn_record_status_str(record);
}

void cm_id_observation(struct rdma_cm_id *id, enum qpn_record_status record,
		       struct rdma_ns_observation *observation)
{
	memset(observation, 0, sizeof(*observation));
	observation->id = id;
	observation->port_space = id->ps;
	observation->local = id->route.addr.src_storage;
	observation->peer = id->route.addr.dst_storage;
	observation->ignored = why_ignored(record);
}
