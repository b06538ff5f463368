/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * What holds network namespaces: names, processes and their threads, descriptors, mounts and
 * sockets.
 */
#ifndef RDMA_NS_NAMESPACE_HOLDERS_H
#define RDMA_NS_NAMESPACE_HOLDERS_H

#include "namespaces.h"

/* Those with names; without @add only known ones get theirs. All: -1 and ENOMEM. */
int namespace_holders_named(struct namespaces *namespaces, bool add);

bool namespace_holders_is_host_pid(void);

/* Those of processes and, if NAMESPACES_ALL is wanted, of all that they hold. */
int namespace_holders_processes(struct namespaces *namespaces, enum namespaces_extent extent);

#endif
