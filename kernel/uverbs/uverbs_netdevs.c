// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * A method of the device object that lists the netdevs of a port in the caller's network namespace.
 */
#include <linux/module.h>
#include <linux/nsproxy.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <rdma/rdma_user_ioctl_ns.h>
#include <rdma/uverbs_std_types.h>

#include "rdma_core.h"
#include "uverbs.h"

#define UVERBS_MODULE_NAME ib_uverbs
#include <rdma/uverbs_named_ioctl.h>

#include "port_netdevs.h"
#include "uverbs_netdevs.h"

/* If the method's number were too high, no device would get its file. */
static_assert(RDMA_NS_METHOD_QUERY_NETDEVS + 1 < UVERBS_API_METHOD_KEY_NUM_CORE);

static int rdma_ns_copy_entries(const struct rdma_ns_query_netdevs *request,
				const struct rdma_ns_port_netdevs *netdevs)
{
	u8 __user *to = u64_to_user_ptr(request->entries);
	size_t size = min_t(size_t, request->entry_size, sizeof(struct rdma_ns_netdev_entry));
	u32 i;

	for (i = 0; i < min(request->room, netdevs->count); i++, to += request->entry_size) {
		const struct rdma_ns_netdev_entry entry = {
			.ifindex = netdevs->entries[i].ifindex,
			.qpn = netdevs->entries[i].qpn,
			.pkey = netdevs->entries[i].pkey,
			.vlan = netdevs->entries[i].vlan,
		};

		if (copy_to_user(to, &entry, size) ||
		    clear_user(to + size, request->entry_size - size))
			return -EFAULT;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

static int UVERBS_HANDLER(RDMA_NS_METHOD_QUERY_NETDEVS)(struct uverbs_attr_bundle *attrs)
{
	struct ib_uverbs_device *uverbs = attrs->ufile->device;
	struct rdma_ns_query_netdevs request;
	struct rdma_ns_port_netdevs netdevs;
	struct ib_device *device;
	int ret;

	ret = uverbs_copy_from_or_zero(&request, attrs, RDMA_NS_ATTR_QUERY_NETDEVS_REQUEST);
	if (ret)
		return ret;
	/* The caller keeps the device as long as this function runs. */
	device = srcu_dereference(uverbs->ib_dev, &uverbs->disassociate_srcu);
	if (!device)
		return -EIO;
	if (request.reserved || !rdma_is_port_valid(device, request.port) ||
	    request.entry_size < RDMA_NS_NETDEV_ENTRY_MIN || request.entry_size > PAGE_SIZE)
		return -EINVAL;

	ret = rdma_ns_list_port_netdevs(&netdevs, device, request.port,
					current->nsproxy->net_ns);
	if (ret)
		return ret;
	ret = rdma_ns_copy_entries(&request, &netdevs);
	if (!ret)
		ret = uverbs_copy_to(attrs, RDMA_NS_ATTR_QUERY_NETDEVS_TOTAL, &netdevs.count,
				     sizeof(netdevs.count));
	kvfree(netdevs.entries);
	return ret;
}

DECLARE_UVERBS_NAMED_METHOD(
	RDMA_NS_METHOD_QUERY_NETDEVS,
	UVERBS_ATTR_PTR_IN(RDMA_NS_ATTR_QUERY_NETDEVS_REQUEST,
			   UVERBS_ATTR_STRUCT(struct rdma_ns_query_netdevs, reserved),
			   UA_MANDATORY),
	UVERBS_ATTR_PTR_OUT(RDMA_NS_ATTR_QUERY_NETDEVS_TOTAL, UVERBS_ATTR_TYPE(u32), UA_MANDATORY));

ADD_UVERBS_METHODS(netdevs_methods, UVERBS_OBJECT_DEVICE,
		   &UVERBS_METHOD(RDMA_NS_METHOD_QUERY_NETDEVS));

const struct uapi_definition rdma_ns_uverbs_netdevs[] = {
	UAPI_DEF_CHAIN_OBJ_TREE(UVERBS_OBJECT_DEVICE, &netdevs_methods),
	{},
};

MODULE_VERSION("rdma-ns-" RDMA_NS_VERSION);
