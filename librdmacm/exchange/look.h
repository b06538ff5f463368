/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * If an application's private data fill a request, the QPN record goes ahead of it in a "look", a
 * request of the library's own (SIDR, in the port space of IPoIB, where applications do not listen)
 * between the same two addresses and ports. The listener's library keeps the record for the request
 * that follows, and rejects the look with a magic number. A stock peer answers at once that nobody
 * listens.
 */
#ifndef RDMA_NS_LOOK_H
#define RDMA_NS_LOOK_H

#include <stdbool.h>

#include "netns.h"
#include "qpn_record.h"

/*
 * Send a look to the peer of @id, which is about to connect. Returns true if its library has the
 * record, and false after two seconds at the latest.
 */
bool look_ask(struct netns *netns, const struct rdma_cm_id *id, const struct qpn_record *record);

/*
 * Create an id that listens for looks beside @listener, on its event channel. NULL: there is none.
 */
struct rdma_cm_id *look_listen(struct netns *netns, const struct rdma_cm_id *listener);

/* Does the id come from look_listen(), or from a request to one that does? */
bool look_owns(const struct rdma_cm_id *id);
void look_destroy(struct rdma_cm_id *look);

/* Handle any event of such an id: remember what it brings, and acknowledge it. */
void look_take(struct rdma_cm_event *event);

/* Find the record that has come ahead of this request, and forget it. */
bool look_find(const struct rdma_cm_id *id, struct qpn_record *record);

/* Remember a record, as look_take() does once it has it; @id has the two addresses. */
void look_keep(const struct rdma_cm_id *id, const struct qpn_record *record);

#endif
