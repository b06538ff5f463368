/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * What holds network namespaces: names, processes and their threads, descriptors, mounts and
 * sockets.
 */
#ifndef RDMA_NS_NAMESPACE_HOLDERS_H
#define RDMA_NS_NAMESPACE_HOLDERS_H

#include "namespaces.h"

/*
 * Add the namespaces that have names; without @add, only name known ones. All return -1 for ENOMEM.
 */
int namespace_holders_named(struct namespaces *namespaces, bool add);

bool namespace_holders_is_host_pid(void);

/* Add those of processes and, for NAMESPACES_ALL, those that processes hold. */
int namespace_holders_processes(struct namespaces *namespaces, enum namespaces_extent extent);

#endif
