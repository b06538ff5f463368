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
	int netns_error; /* the errno that says why it is NULL */
	enum rdma_ns_policy policy;
	uint32_t ifindex; /* bound to this netdev, or 0 */
	bool abroad; /* in a namespace whose devices the caller's does not see: exclusive mode */
	bool asynchronous; /* created by this library, with an event channel of the application */
	bool listening;
	struct rdma_cm_id *look; /* listener: the id that listens for looks (look.h), or NULL */
	/* listener: the cookie of the kernel's records; 0: the kernel sends none */
	uint64_t cookie;
	bool dying; /* being destroyed: only its last requests still use it */
	/* the length of what librdmacm itself puts before the private data */
	uint8_t connect_length;

	bool passive; /* created by a request: resolution and exchange are set */
	bool active; /* connecting or connected: exchange is set */
	bool reply_seen; /* active */
	struct rdma_ns_resolution resolution;
	struct rdma_ns_exchange exchange;
	enum qpn_record_status record; /* what became of the record in the peer's message */
	bool reply_wanted; /* passive: the peer expects a record in the reply */
	uint32_t reply_qpn; /* passive: of the netdev that answers */
};

/* Get a copy, or return false. Release what you got. */
bool id_table_get(const struct rdma_cm_id *id, struct id_state *state);
void id_state_release(struct id_state *state);

/* Keep a copy, which replaces an earlier one. Returns -1 for ENOMEM. */
int id_table_set(const struct id_state *state);
/* The same, unless the id has been removed meanwhile. */
void id_table_update(const struct id_state *state);

/*
 * Call these around the destruction of an id. Until the end, the requests that a listener has got
 * are judged by its policy; afterwards another id may have its address. @alive: the id was not
 * destroyed after all.
 */
void id_table_begin_destroy(const struct rdma_cm_id *id);
void id_table_end_destroy(const struct rdma_cm_id *id, bool alive);

#endif
