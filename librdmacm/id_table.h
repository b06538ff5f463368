/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * What the library knows of each rdma_cm_id. Callers work on copies, so that no lock is held while
 * librdmacm waits; all functions are thread-safe.
 */
#ifndef RDMA_NS_ID_TABLE_H
#define RDMA_NS_ID_TABLE_H

#include "netns.h"
#include "qpn_record.h"

struct id_state {
	const struct rdma_cm_id *id;
	struct netns *netns; /* of the id; may be NULL */
	enum rdma_ns_policy policy;
	uint32_t ifindex; /* bound to this netdev, or 0 */
	bool abroad; /* in a namespace whose devices the caller's does not see: exclusive mode */
	bool asynchronous; /* created here, with a channel of the application's */
	bool listening;
	struct rdma_cm_id *look; /* listener: the id beside it that look.h is about, or NULL */
	uint64_t cookie; /* listener: of the kernel's records; 0: it sends none */
	bool dying; /* being destroyed: only its last requests may still ask */
	uint8_t connect_length; /* of what librdmacm itself puts before the private data */

	bool passive; /* made by a request: resolution and exchange are set */
	bool active; /* connecting or connected: exchange is set */
	bool reply_seen; /* active */
	struct rdma_ns_resolution resolution;
	struct rdma_ns_exchange exchange;
	enum qpn_record_status record; /* that the peer's message had */
	bool reply_wanted; /* passive: the peer looks for a record in the reply */
	uint32_t reply_qpn; /* passive: of the netdev that answers */
};

/* A copy, or false; release what was got. */
bool id_table_get(const struct rdma_cm_id *id, struct id_state *state);
void id_state_release(struct id_state *state);

/* Keep a copy, in place of what was there. -1: ENOMEM. */
int id_table_set(const struct id_state *state);
/* The same, unless the id has been removed meanwhile. */
void id_table_update(const struct id_state *state);

/*
 * Around its destruction, since requests that a listener has got are judged by its policy to the
 * end; and afterwards its address may be another id's. @alive: it was not destroyed after all.
 */
void id_table_begin_destroy(const struct rdma_cm_id *id);
void id_table_end_destroy(const struct rdma_cm_id *id, bool alive);

#endif
