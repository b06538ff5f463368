// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "descriptor.h"
#include "kernel_cm.h"
#include "ports.h"
#include "rdma_netlink.h"
#include "sized.h"

static int rdma_cm_errno(void)
{
	int fd = descriptor_keep(open("/dev/infiniband/rdma_cm", O_RDWR | O_CLOEXEC));

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

int rdma_ns_query_features(struct rdma_ns_features *features, size_t size)
{
	struct rdma_ns_features found = { 0 };
	struct ports ports = { 0 };

	if (!features || !size) {
		errno = EINVAL;
		return -1;
	}
	if (rdma_netlink_read_ports(&ports, -1))
		return -1;
	found.ports = (uint32_t)ports.count;
	for (size_t i = 0; i < ports.count; i++) {
		if (!i || strcmp(ports.list[i].device, ports.list[i - 1].device))
			found.devices++;
	}
	ports_release(&ports);
	found.netns_mode = rdma_netlink_netns_mode();
	found.rdma_cm_errno = rdma_cm_errno();
	found.level = !found.rdma_cm_errno && kernel_cm_probe() ? RDMA_NS_LEVEL_KERNEL :
								  RDMA_NS_LEVEL_EXCHANGE;
	found.ipoib = found.level == RDMA_NS_LEVEL_KERNEL && kernel_cm_asks_ipoib();
	sized_copy(features, size, &found, sizeof(found));
	return 0;
}
