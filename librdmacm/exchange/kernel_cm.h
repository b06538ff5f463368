/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * Level 2: the extended rdma_cm does the three steps and says what it found,
 * rdma/rdma_user_cm_ns.h. All functions may be called on any kernel.
 */
#ifndef RDMA_NS_KERNEL_CM_H
#define RDMA_NS_KERNEL_CM_H

#include <stdbool.h>

#include <rdma/rdma_ns.h>
#include <rdma/rdma_user_cm_ns.h>

/* Does the kernel's step 1 rest on ipoib itself? Asked anew, as what follows. */
bool kernel_cm_asks_ipoib(void);

/* Has the kernel all that this library uses? */
bool kernel_cm_probe(void);

/* The same, asked once. */
bool kernel_cm_available(void);

/* -1 and errno; ENOSYS: the kernel cannot. */
int kernel_cm_set_netns(struct rdma_cm_id *id, int netns_fd);

/* 0, also where the kernel cannot; -1 and errno: it refuses. */
int kernel_cm_bind_netdev(struct rdma_cm_id *id, uint32_t ifindex);

/* Before listen: pass the policy on and ask for records. Their cookie; 0: there will be none. */
uint64_t kernel_cm_prepare_listen(struct rdma_cm_id *id, enum rdma_ns_policy policy);

/* Before connect: the kernel sends this side's QPNs, and that a record in the reply is wanted. */
bool kernel_cm_exchange(struct rdma_cm_id *id);

/*
 * Take the record off the end of @length bytes of a request's private data. False: there is none
 * that can be used, as if there were none; what bears the cookie is gone in any case.
 */
bool kernel_cm_take_record(void *data, size_t *length, uint64_t cookie,
			   struct rdma_user_cm_ns_ingress *record);

/* What it says, without names of netdevs and device; judged by the policy that is stricter. */
void kernel_cm_resolution(const struct rdma_user_cm_ns_ingress *record, enum rdma_ns_policy policy,
			  struct rdma_ns_resolution *resolution);
void kernel_cm_peer(const struct rdma_user_cm_ns_ingress *record,
		    struct rdma_ns_exchange *exchange);

#endif
