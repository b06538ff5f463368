/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* This tells what the neighbour entry of a connection's peer says, and asks for a fresh answer. */
#ifndef CMA_NEIGHBOUR_H
#define CMA_NEIGHBOUR_H

#include <linux/if_infiniband.h>
#include <linux/types.h>

struct neighbour;
struct rdma_id_private;

/* Does the peer really have the QPN that a refused request aimed at? */
struct cma_ns_question {
	u32 qpn;
	bool asked;
	unsigned long begun;
	unsigned long next;	     /* when it can be asked, if not yet */
	u8 address[INFINIBAND_ALEN]; /* the answer */
};

enum cma_ns_answer {
	CMA_NS_NO_ANSWER, /* and there will be none */
	CMA_NS_WAIT,
	CMA_NS_KNOWN,
};

void cma_ns_use_neighbour(const struct rdma_id_private *id);
void cma_ns_begin_question(struct cma_ns_question *question, u32 qpn);
u32 cma_ns_entry_key(const struct neighbour *entry);
u32 cma_ns_peer_key(const struct rdma_id_private *id);
bool cma_ns_is_entry_of(const struct neighbour *entry, const struct rdma_id_private *id);
enum cma_ns_answer cma_ns_ask(const struct rdma_id_private *id, struct cma_ns_question *question);

#endif
