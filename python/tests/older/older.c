// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* A librdma-ns of which there is little. */
#include <string.h>

#include <rdma/rdma_ns.h>

int rdma_ns_get_statistics(struct rdma_ns_statistics *statistics, size_t size)
{
	memset(statistics, 0, size);
	statistics->accepted = 7;
	return 0;
}
