/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * The kernel numbers the network namespaces that this one has to do with, as "ip netns list-id"
 * shows: those of a veth's other end, for instance. A number says that there is one, but opens
 * none.
 */
#ifndef RDMA_NS_NAMESPACE_NUMBERS_H
#define RDMA_NS_NAMESPACE_NUMBERS_H

#include "namespaces.h"

/* Count the numbered ones that have not been found as unseen. -1: ENOMEM. */
int namespace_numbers_check(struct namespaces *namespaces);

#endif
