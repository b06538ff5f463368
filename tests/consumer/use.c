// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Needs the library, and librdmacm directly, as programs that use rdma-ns do. */
#include <stdio.h>
#include <rdma/rdma_ns.h>

int main(void)
{
	struct rdma_event_channel *channel = rdma_create_event_channel();

	/* On a machine without RDMA there is none. */
	if (channel)
		rdma_destroy_event_channel(channel);
	return puts(rdma_ns_policy_str(RDMA_NS_POLICY_STRICT)) < 0;
}
