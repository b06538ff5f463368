/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* What the namespaces that have been found are called. */
#ifndef RDMA_NS_NAMESPACE_NAMES_H
#define RDMA_NS_NAMESPACE_NAMES_H

#include "namespaces.h"

/*
 * Call namespaces after the containers that their leaders are in, unless ip netns has a name for
 * them. A name that is not one namespace's alone is kept in front of what the search has called it,
 * which is. Call this once, after the search. Returns -1 for ENOMEM.
 */
int namespace_names_settle(struct namespaces *namespaces);

#endif
