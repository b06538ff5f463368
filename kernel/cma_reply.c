// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* This host sends QPN records in replies to peers that asked for them. */
#include <linux/string.h>
#include <rdma/rdma_cm_ns_wire.h>

#include "cma_qpn_record.h"
#include "cma_reply.h"
#include "cma_settings.h"

/*
 * If the peer hides a record in the reply from its application, add one. It says which netdev the
 * connection reached, which is the ingress netdev of the request.
 */
void cma_ns_put_reply(struct rdma_id_private *id, struct cma_ns_reply *reply, const void **data,
		      u8 *length)
{
	const struct rdma_user_cm_ns_ingress *ingress = &id->ns.ingress;
	bool datagram = id->id.qp_type == IB_QPT_UD;
	u8 offset = datagram ? RDMA_CM_NS_SIDR_REP_OFFSET : RDMA_CM_NS_REP_OFFSET;
	struct rdma_addr *address = &id->id.route.addr;
	struct cma_ns_record record = {
		.flags = RDMA_CM_NS_SOURCE_QPN,
		.source_qpn = ingress->local_qpn,
	};

	if (!(ingress->flags & RDMA_USER_CM_NS_REPLY) || !ingress->local_qpn || *length > offset ||
	    !cma_ns_sending(address->dev_addr.net))
		return;
	if (ingress->flags & RDMA_USER_CM_NS_PEER_QPN) {
		record.flags |= RDMA_CM_NS_DESTINATION_QPN;
		record.destination_qpn = ingress->peer_qpn;
	}
	memset(reply->data, 0, sizeof(reply->data));
	if (*data && *length)
		memcpy(reply->data, *data, *length);
	cma_ns_encode_trailer(&record, (struct sockaddr *)&address->src_addr,
			      (struct sockaddr *)&address->dst_addr, reply->data + offset);
	*data = reply->data;
	*length = offset + sizeof(struct rdma_cm_ns_trailer);
}
