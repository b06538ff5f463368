/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * Level 2: the extended rdma_cm takes the three steps and reports what it found; see
 * rdma/rdma_user_cm_ns_record.h. All functions may be called on any kernel.
 */
#ifndef RDMA_NS_KERNEL_CM_H
#define RDMA_NS_KERNEL_CM_H

#include <stdbool.h>

#include <rdma/rdma_ns.h>
#include <rdma/rdma_user_cm_ns_record.h>

/* Does the kernel's step 1 rest on ipoib itself? Each call asks the kernel, as does the next. */
bool kernel_cm_asks_ipoib(void);

/* Has the kernel all that this library uses? */
bool kernel_cm_probe(void);

/* The same, but the kernel is asked only once. */
bool kernel_cm_available(void);

/* Returns -1 and sets errno on error; ENOSYS: the kernel does not support it. */
int kernel_cm_set_netns(struct rdma_cm_id *id, int netns_fd);

/* Returns 0 even if the kernel does not support it; -1 and errno if the kernel refuses. */
int kernel_cm_bind_netdev(struct rdma_cm_id *id, uint32_t ifindex);

/*
 * Call before listening: pass on the policy and ask for records. Returns their cookie, or 0 if
 * there will be none.
 */
uint64_t kernel_cm_prepare_listen(struct rdma_cm_id *id, enum rdma_ns_policy policy);

/*
 * Call before connecting: have the kernel send this side's QPNs, and ask for a record in the reply.
 */
bool kernel_cm_exchange(struct rdma_cm_id *id);

/*
 * Take the record off the end of @length bytes of a request's private data. Returns false if there
 * is none, or none that can be used; whatever bears the cookie is removed in either case.
 */
bool kernel_cm_take_record(void *data, size_t *length, uint64_t cookie,
			   struct rdma_user_cm_ns_ingress *record);

/* Convert what the record says, without names of netdevs and device; the stricter policy judges. */
void kernel_cm_resolution(const struct rdma_user_cm_ns_ingress *record, enum rdma_ns_policy policy,
			  struct rdma_ns_resolution *resolution);
void kernel_cm_peer(const struct rdma_user_cm_ns_ingress *record,
		    struct rdma_ns_exchange *exchange);

#endif
