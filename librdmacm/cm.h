/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* The functions that the preload library uses beside those of the public header. */
#ifndef RDMA_NS_CM_H
#define RDMA_NS_CM_H

#include <rdma/rdma_ns.h>

/* Set the policy of ids for which nobody has set one. Call this before any other function. */
void cm_set_default_policy(enum rdma_ns_policy policy);
enum rdma_ns_policy cm_default_policy(void);

/*
 * librdmacm's own calls come through here, too. In that case only the requests of listeners that
 * have been given to rdma_ns_listen() are judged. Others belong to another copy of this library,
 * which judges them itself; it would no longer find the QPNs if they were taken out here.
 */
void cm_is_interposed(void);

#endif
