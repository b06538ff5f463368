/* SPDX-License-Identifier: (GPL-2.0 WITH Linux-syscall-note) OR Linux-OpenIB */
/*
 * The user interface of the extended ib_uverbs: a query for the netdevs of a device's port.
 *
 * It is one method of the object UVERBS_OBJECT_DEVICE, called with RDMA_VERBS_IOCTL on an open
 * /dev/infiniband/uverbsN; it needs no context. It lists only netdevs in the network namespace of
 * the calling thread, whoever opened the file. A kernel without the method answers EPROTONOSUPPORT;
 * a program can then gather the same facts from rtnetlink and sysfs.
 *
 * All fields are in host byte order and have the same layout for 32-bit and 64-bit programs.
 */
#ifndef RDMA_USER_IOCTL_NS_H
#define RDMA_USER_IOCTL_NS_H

#include <linux/types.h>

#if defined(__cplusplus) && __cplusplus >= 201103L
#define RDMA_USER_IOCTL_NS_ASSERT(condition) static_assert(condition, #condition)
#elif !defined(__cplusplus) && defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define RDMA_USER_IOCTL_NS_ASSERT(condition) _Static_assert(condition, #condition)
#else
#define RDMA_USER_IOCTL_NS_ASSERT(condition) \
	extern char rdma_user_ioctl_ns_layout[(condition) ? 1 : -1]
#endif

/*
 * The kernel numbers its own methods from 0. This is the highest number that ib_uverbs has room
 * for.
 */
enum rdma_ns_methods_device {
	RDMA_NS_METHOD_QUERY_NETDEVS = 20,
};

enum rdma_ns_attrs_query_netdevs {
	RDMA_NS_ATTR_QUERY_NETDEVS_REQUEST, /* in: struct rdma_ns_query_netdevs; mandatory */
	/* out: __u32, the number of netdevs that exist; mandatory */
	RDMA_NS_ATTR_QUERY_NETDEVS_TOTAL,
};

/*
 * Later kernels may add fields. A structure of the present length will always be accepted; in a
 * longer one, the bytes that the kernel does not know must be zero. Errors: EINVAL (the structure
 * is too short, the device has no such port, entry_size is too small or larger than a page, or
 * reserved is not zero), EOPNOTSUPP (a byte that the kernel does not know is not zero; or the port
 * is an InfiniBand port, and no ib_ipoib is loaded that tells of its netdevs: the stock one does
 * not), EFAULT, ENOMEM, EIO (the device is gone).
 */
struct rdma_ns_query_netdevs {
	/* the address of an array of struct rdma_ns_netdev_entry; may be 0 if room is 0 */
	__aligned_u64 entries;
	/* how many entries the array can take; the kernel fills in no more than that */
	__u32 room;
	/* the size of the caller's entries; bytes that the kernel does not know are set to zero */
	__u32 entry_size;
	__u32 port; /* of the device, counted from 1 */
	__u32 reserved; /* zero */
};

struct rdma_ns_netdev_entry {
	__u32 ifindex;
	__u32 qpn; /* IPoIB's, 24 bits; 0 on RoCE and iWARP */
	__u16 pkey; /* IPoIB's, with its membership bit; 0 on RoCE and iWARP */
	__u16 vlan; /* the id of a VLAN netdev, or 0 */
	__u32 reserved; /* zero */
};

#define RDMA_NS_NETDEV_ENTRY_MIN 16

RDMA_USER_IOCTL_NS_ASSERT(sizeof(struct rdma_ns_query_netdevs) == 24);
RDMA_USER_IOCTL_NS_ASSERT(__builtin_offsetof(struct rdma_ns_query_netdevs, reserved) == 20);
RDMA_USER_IOCTL_NS_ASSERT(sizeof(struct rdma_ns_netdev_entry) == RDMA_NS_NETDEV_ENTRY_MIN);
RDMA_USER_IOCTL_NS_ASSERT(__builtin_offsetof(struct rdma_ns_netdev_entry, vlan) == 10);

#endif /* RDMA_USER_IOCTL_NS_H */
