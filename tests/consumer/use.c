// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Needs the library, and librdmacm and libibverbs directly, as programs that use rdma-ns do. */
#include <stdio.h>
#include <rdma/rdma_ns.h>

int main(void)
{
	struct rdma_event_channel *channel = rdma_create_event_channel();
	struct ibv_device **devices = ibv_get_device_list(NULL);

	/* On a machine without RDMA there is none. */
	if (channel)
		rdma_destroy_event_channel(channel);
	if (devices)
		ibv_free_device_list(devices);
	return puts(rdma_ns_policy_str(RDMA_NS_POLICY_STRICT)) < 0;
}
