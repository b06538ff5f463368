/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * The extended ib_uverbs's user interface: the netdevs of a device's port.
 *
 * One method of the object UVERBS_OBJECT_DEVICE, called with RDMA_VERBS_IOCTL on an open
 * /dev/infiniband/uverbsN; it needs no context. It tells of the netdevs in the network namespace of
 * the calling thread alone, whoever opened the file. A kernel without it answers EPROTONOSUPPORT;
 * the same can be put together from rtnetlink and sysfs.
 *
 * All fields are in host byte order and have the same layout for 32-bit and 64-bit programs.
 */
#ifndef RDMA_USER_IOCTL_NS_H
#define RDMA_USER_IOCTL_NS_H

#include <linux/types.h>

#ifdef __cplusplus
#define RDMA_USER_IOCTL_NS_ASSERT(condition) static_assert(condition, #condition)
#else
#define RDMA_USER_IOCTL_NS_ASSERT(condition) _Static_assert(condition, #condition)
#endif

/* The last one that ib_uverbs has room for: the kernel's own count from 0. */
enum rdma_ns_methods_device {
	RDMA_NS_METHOD_QUERY_NETDEVS = 20,
};

enum rdma_ns_attrs_query_netdevs {
	RDMA_NS_ATTR_QUERY_NETDEVS_REQUEST, /* in: struct rdma_ns_query_netdevs; mandatory */
	RDMA_NS_ATTR_QUERY_NETDEVS_TOTAL, /* out: __u32, how many netdevs there are; mandatory */
};

/*
 * May grow: one of this length will do for ever, and a longer one must have zeros where the kernel
 * knows nothing. Errors: EINVAL (too short, no such port, entry_size too small or above a page,
 * reserved not zero), EOPNOTSUPP (more than the kernel knows; or an InfiniBand port, and no
 * ib_ipoib is loaded that tells of its netdevs, which the stock one does not), EFAULT, ENOMEM, EIO
 * (the device is gone).
 */
struct rdma_ns_query_netdevs {
	/* address of an array of struct rdma_ns_netdev_entry; may be 0 if there is no room */
	__aligned_u64 entries;
	/* how many entries it can take: as many are filled in, or as many as there are */
	__u32 room;
	/* of the caller's entries; what the kernel does not know is set to zero */
	__u32 entry_size;
	__u32 port; /* the device's, from 1 */
	__u32 reserved; /* zero */
};

struct rdma_ns_netdev_entry {
	__u32 ifindex;
	__u32 qpn; /* of IPoIB, 24 bits; RoCE, iWARP: 0 */
	__u16 pkey; /* of IPoIB, with its membership bit; RoCE, iWARP: 0 */
	__u16 vlan; /* the id of a VLAN netdev, or 0 */
	__u32 reserved; /* zero */
};

#define RDMA_NS_NETDEV_ENTRY_MIN 16

RDMA_USER_IOCTL_NS_ASSERT(sizeof(struct rdma_ns_query_netdevs) == 24);
RDMA_USER_IOCTL_NS_ASSERT(__builtin_offsetof(struct rdma_ns_query_netdevs, reserved) == 20);
RDMA_USER_IOCTL_NS_ASSERT(sizeof(struct rdma_ns_netdev_entry) == RDMA_NS_NETDEV_ENTRY_MIN);
RDMA_USER_IOCTL_NS_ASSERT(__builtin_offsetof(struct rdma_ns_netdev_entry, vlan) == 10);

#endif /* RDMA_USER_IOCTL_NS_H */
