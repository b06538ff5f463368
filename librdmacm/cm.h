/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* What the preload adds to the calls of the public header. */
#ifndef RDMA_NS_CM_H
#define RDMA_NS_CM_H

#include <rdma/rdma_ns.h>

/* Of ids for which nobody has set one; before any other call. */
void cm_set_default_policy(enum rdma_ns_policy policy);
enum rdma_ns_policy cm_default_policy(void);

/*
 * librdmacm's own calls come through here, too. Then only the requests of listeners that have been
 * given to rdma_ns_listen() are judged: others belong to another copy of this library, which judges
 * them itself, and would find no QPNs any more.
 */
void cm_is_interposed(void);

#endif
