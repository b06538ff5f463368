/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* What an rdma_cm_id and its events say, in this library's terms. */
#ifndef RDMA_NS_CM_ID_H
#define RDMA_NS_CM_ID_H

#include <stdbool.h>

#include <rdma/rdma_ns.h>

#include "qpn_record.h"

/* Does the id use datagrams (SIDR) instead of a connection? */
bool cm_id_is_datagram(const struct rdma_cm_id *id);

/* That of the id's port, as the device itself says; RDMA_NS_TRANSPORT_UNKNOWN if it does not. */
enum rdma_ns_transport cm_id_transport(const struct rdma_cm_id *id);

/*
 * Describe the request that created @id or, on this side, the connection that @id is to make;
 * without a policy and QPN.
 */
void cm_id_request(const struct rdma_cm_id *id, struct rdma_ns_request *request);

/* The private data of an event, in librdmacm's own buffer, or NULL. */
void *cm_event_data(const struct rdma_cm_event *event, size_t *length);

void cm_event_set_length(struct rdma_cm_event *event, size_t length);

/* Of an id and of the record that the peer's message had. */
void cm_id_observation(struct rdma_cm_id *id, enum qpn_record_status record,
		       struct rdma_ns_observation *observation);

#endif
