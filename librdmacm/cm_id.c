// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "cm_id.h"

bool cm_id_is_datagram(const struct rdma_cm_id *id)
{
	return id->qp_type == IBV_QPT_UD;
}

void cm_id_request(const struct rdma_cm_id *id, struct rdma_ns_request *request)
{
	memset(request, 0, sizeof(*request));
	request->size = sizeof(*request);
	if (id->verbs)
		snprintf(request->device, sizeof(request->device), "%s", id->verbs->device->name);
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
	/* It is in the event, which librdmacm has allocated and the caller will free. */
	return (void *)data;
}

/* Without any there is no pointer either, as with librdmacm. */
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

void cm_id_observation(const struct rdma_cm_id *id, struct observation *observation)
{
	memset(observation, 0, sizeof(*observation));
	observation->port_space = id->ps;
	observation->local = id->route.addr.src_storage;
	observation->peer = id->route.addr.dst_storage;
}
