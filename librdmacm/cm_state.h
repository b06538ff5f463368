/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* The state of an id, for the calls that wrap librdmacm's. */
#ifndef RDMA_NS_CM_STATE_H
#define RDMA_NS_CM_STATE_H

#include "id_table.h"

/* Has cm_is_interposed() been called? */
bool cm_interposed(void);

/* That of an id of which nothing is known. Release it, as what cm_get_state() gives. */
void cm_new_state(const struct rdma_cm_id *id, struct id_state *state);

/* Get the state of an id, even if this library sees the id for the first time. */
void cm_get_state(const struct rdma_cm_id *id, struct id_state *state);

/* Keep and release the state. Returns -1 and sets errno on error. */
int cm_set_state(struct id_state *state);

/* Returns false and sets errno if the namespace of the id could not be told. */
bool cm_has_netns(const struct id_state *state);

#endif
