/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * The kernel gives numbers to the network namespaces that this one is related to, for instance
 * through the other end of a veth; "ip netns list-id" shows them. A number says that there is a
 * namespace, but does not open it.
 */
#ifndef RDMA_NS_NAMESPACE_NUMBERS_H
#define RDMA_NS_NAMESPACE_NUMBERS_H

#include "namespaces.h"

/* Count the numbered namespaces that have not been found as unseen. Returns -1 for ENOMEM. */
int namespace_numbers_check(struct namespaces *namespaces);

#endif
