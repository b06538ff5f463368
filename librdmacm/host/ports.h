/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * The ports of RDMA devices and their GIDs, from sysfs, which requires no privilege or open device.
 */
#ifndef RDMA_NS_PORTS_H
#define RDMA_NS_PORTS_H

#include <rdma/rdma_user_ioctl_ns.h>
#include <stdbool.h>

#include <rdma/rdma_ns.h>

#define PORTS_SYSFS "/sys/class/infiniband"

struct port_gid {
	uint32_t index;
	uint8_t gid[16];
	/*
	 * The netdev's name in its own namespace, which may not be the reader's. Believe it only if
	 * a netdev of that name is here and has the GID's address. It is "" for IB.
	 */
	char netdev[RDMA_NS_NETDEV_NAME_MAX];
};

struct port {
	char device[RDMA_NS_DEVICE_NAME_MAX];
	uint32_t number;
	enum rdma_ns_transport transport;
	/* iWARP, and RoCE without /sys: ifindex, set by whoever knows the namespace; or 0 */
	uint32_t netdev;
	struct port_gid *gids; /* without empty entries, by index */
	size_t gids_count;
	/* What an extended kernel says, or NULL; see uverbs_netdevs.h. */
	struct rdma_ns_netdev_entry *netdevs;
	size_t netdevs_count;
};

struct ports {
	struct port *list; /* sorted by device and number */
	size_t count;
};

/*
 * Read the list again from a folder like PORTS_SYSFS. If there is no such folder, there are no
 * ports. Returns -1 for ENOMEM, EMFILE and ENFILE, and leaves the list as it was: it must not
 * lose what this process was unable to look at.
 */
int ports_read(struct ports *ports, const char *sysfs);
void ports_release(struct ports *ports);

const struct port *ports_find(const struct ports *ports, const char *device, uint32_t number);
bool port_has_gid(const struct port *port, const uint8_t gid[16]);
/* As far as the kernel says: true where it does not. */
bool port_has_netdev(const struct port *port, uint32_t ifindex);

#endif
