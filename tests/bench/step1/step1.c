// SPDX-License-Identifier: GPL-2.0
/*
 * What step 1 alone costs: ib_ipoib is asked many times for one netdev, whose name is a parameter,
 * by QPN as the extended rdma_cm asks it, and by address as the stock one does. The results,
 * nanoseconds for each look-up, are parameters too.
 */
#include <linux/inetdevice.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <rdma/ib_verbs.h>

#include <ipoib_ns_query.h>

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Cost of step 1 of rdma_cm's resolution");

static char *wanted;
module_param_named(netdev, wanted, charp, 0444);
MODULE_PARM_DESC(netdev, "an IPoIB netdev of the initial namespace, with an IPv4 address");

static char *device_name = "sib0";
module_param_named(device, device_name, charp, 0444);
MODULE_PARM_DESC(device, "its RDMA device (sib0)");

static unsigned int port = 1;
module_param(port, uint, 0444);
MODULE_PARM_DESC(port, "its port (1)");

static unsigned int rounds = 100;
module_param(rounds, uint, 0444);
MODULE_PARM_DESC(rounds, "how many look-ups (100)");

static unsigned long extended_ns, counted_ns, stock_ns;
module_param(extended_ns, ulong, 0444);
module_param(counted_ns, ulong, 0444);
module_param(stock_ns, ulong, 0444);

struct lookup {
	struct ib_device *device;
	struct net_device *netdev;
	struct sockaddr_in address;
	u32 qpn;
	u16 pkey;
	union ib_gid gid;
};

static struct net_device *ask(const struct lookup *lookup, enum ipoib_ns_question question,
			      struct ipoib_ns_answer *answer)
{
	const struct ipoib_ns_query query = {
		.family = IPOIB_NS_FAMILY,
		.version = IPOIB_NS_VERSION,
		.question = question,
		.answer = answer,
		.qpn = lookup->qpn,
		.address = (const struct sockaddr *)&lookup->address,
	};

	return ib_get_net_dev_by_params(lookup->device, port, lookup->pkey, &lookup->gid,
					(const struct sockaddr *)&query);
}

static struct net_device *extended(const struct lookup *lookup)
{
	struct ipoib_ns_answer answer = {};

	return ask(lookup, IPOIB_NS_BY_QPN, &answer);
}

static struct net_device *counted(const struct lookup *lookup)
{
	struct ipoib_ns_answer answer = {};

	return ask(lookup, IPOIB_NS_BY_ADDRESS, &answer);
}

static struct net_device *stock(const struct lookup *lookup)
{
	return ib_get_net_dev_by_params(lookup->device, port, lookup->pkey, &lookup->gid,
					(const struct sockaddr *)&lookup->address);
}

/*
 * The fastest: what else the machine does is not the look-up's. 0: it found another one, or none.
 */
static unsigned long measure(struct net_device *(*find)(const struct lookup *lookup),
			     const struct lookup *lookup)
{
	unsigned long best = ULONG_MAX;
	unsigned int i;

	for (i = 0; i < rounds; i++) {
		ktime_t began = ktime_get();
		struct net_device *found = find(lookup);
		unsigned long took = ktime_to_ns(ktime_sub(ktime_get(), began));

		dev_put(found);
		if (found != lookup->netdev)
			return 0;
		best = min(best, took);
		cond_resched();
	}
	return best;
}

static int __init step1_init(void)
{
	struct lookup lookup = { .address.sin_family = AF_INET, .pkey = 0xffff };
	struct ipoib_ns_answer answer = {};
	int ret = -ENODEV;

	lookup.device = ib_device_get_by_name(device_name, RDMA_DRIVER_UNKNOWN);
	lookup.netdev = wanted ? dev_get_by_name(&init_net, wanted) : NULL;
	if (!lookup.device || !lookup.netdev) {
		pr_err("step1: no device %s, or no netdev %s\n", device_name, wanted ?: "(none)");
		goto out;
	}
	memcpy(&lookup.gid, lookup.netdev->dev_addr + 4, sizeof(lookup.gid));
	lookup.address.sin_addr.s_addr = inet_select_addr(lookup.netdev, 0, RT_SCOPE_UNIVERSE);
	dev_put(ask(&lookup, IPOIB_NS_BY_ADDRESS, &answer));
	if (!answer.qpn) {
		pr_err("step1: no extended ib_ipoib, or it knows no %s with P_Key 0xffff\n",
		       wanted);
		goto out;
	}
	lookup.qpn = answer.qpn;
	extended_ns = measure(extended, &lookup);
	counted_ns = measure(counted, &lookup);
	stock_ns = measure(stock, &lookup);
	ret = 0;
out:
	dev_put(lookup.netdev);
	if (lookup.device)
		ib_device_put(lookup.device);
	return ret;
}

static void __exit step1_exit(void)
{
}

module_init(step1_init);
module_exit(step1_exit);
