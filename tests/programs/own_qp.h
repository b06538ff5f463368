/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * QPs whose numbers are told to peers where nothing is to be transferred: the extended rdma_ucm
 * refuses the number of any other QP.
 */
#ifndef OWN_QP_H
#define OWN_QP_H

#include <infiniband/verbs.h>

/* A new RC QP on the device of @verbs; on failure the program ends and says why. */
struct ibv_qp *own_qp(struct ibv_context *verbs);

/* Likewise, with a type. */
struct ibv_qp *own_qp_of_type(struct ibv_context *verbs, enum ibv_qp_type type);

#endif
