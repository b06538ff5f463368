/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Lines about netdevs of RDMA devices that come, go or change, from notifications and lists. */
#ifndef RDMA_NS_MONITOR_NETDEVS_H
#define RDMA_NS_MONITOR_NETDEVS_H

#include "looks.h"
#include "monitor.h"

/*
 * Open the sockets. @all: hear of all namespaces. Returns -1 and sets errno, to EPERM without the
 * privilege for that.
 */
int monitor_netdevs_open(struct monitor *monitor, bool all);

/*
 * Tell of what has been notified, for a while. Returns 1 if there may be more, or -1 and errno; if
 * notifications have been lost, "overrun" is set.
 */
int monitor_netdevs_take(struct monitor *monitor);

/* Which netdevs and ports a look has found to belong to RDMA devices. Returns -1 for ENOMEM. */
int monitor_netdevs_learn(struct monitor *monitor, const struct looks *looks);

/* All that is known may no longer be true. */
void monitor_netdevs_doubt(struct monitor *monitor);
/*
 * List what is doubtful, and tell of what has changed. One that cannot be listed now stays so.
 * Returns -1 for ENOMEM.
 */
int monitor_netdevs_list(struct monitor *monitor);

void monitor_netdevs_close(struct monitor *monitor);

#endif
