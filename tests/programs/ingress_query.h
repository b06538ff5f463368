/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
#ifndef INGRESS_QUERY_H
#define INGRESS_QUERY_H

#include <stddef.h>

/*
 * RDMA_USER_CM_QUERY_INGRESS of the id of the last event that librdmacm has got from the kernel, at
 * the channel @fd. 0, or -1 and errno.
 */
int ingress_query(int fd, void *answer, size_t size);

#endif
