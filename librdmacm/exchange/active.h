/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Records that this side sends, and the reply to its request. */
#ifndef RDMA_NS_ACTIVE_H
#define RDMA_NS_ACTIVE_H

#include "id_table.h"

#define MESSAGE_DATA_MAX 196 /* the most private data that any message with a record has */

struct message {
	struct rdma_conn_param param;
	uint8_t data[MESSAGE_DATA_MAX];
};

/*
 * Find what to pass to librdmacm in place of @param, which may be NULL: @param itself, or the
 * message with a record. state->exchange says what was done. Returns -1 and sets errno to
 * EADDRNOTAVAIL if the connection would not leave from the netdev to which the id is bound.
 */
int active_prepare(struct id_state *state, struct rdma_cm_id *id, struct rdma_conn_param *param,
		   struct message *message, struct rdma_conn_param **result);

/* The same for the reply to a request. */
struct rdma_conn_param *passive_prepare(struct id_state *state, const struct rdma_cm_id *id,
					struct rdma_conn_param *param, struct message *message);

/* The peer has answered, or refused: read the record and hide it. */
void active_reply(struct id_state *state, const struct rdma_cm_event *event);

#endif
