// SPDX-License-Identifier: GPL-2.0
/* The module parameters, and how the whole fabric is built and taken down. */
#include <linux/module.h>
#include <linux/slab.h>
#include "sib.h"

static unsigned int hosts = 2;
module_param(hosts, uint, 0444);
MODULE_PARM_DESC(hosts, "number of simulated hosts, 1 to 64 (default 2)");

static unsigned int ports = 1;
module_param(ports, uint, 0444);
MODULE_PARM_DESC(ports, "ports of each host, 1 or 2 (default 1)");

static unsigned int mtu = 4096;
module_param(mtu, uint, 0444);
MODULE_PARM_DESC(mtu, "MTU of every port in bytes: 256, 512, 1024, 2048 or 4096 (default 4096)");

static struct sib_fabric *fabric;

static int sib_check_parameters(void)
{
	if (hosts < 1 || hosts > SIB_MAX_HOSTS) {
		pr_err("sib: hosts=%u: must be 1 to %u\n", hosts, SIB_MAX_HOSTS);
		return -EINVAL;
	}
	if (ports < 1 || ports > SIB_MAX_PORTS) {
		pr_err("sib: ports=%u: must be 1 or %u\n", ports, SIB_MAX_PORTS);
		return -EINVAL;
	}
	if (mtu < 256 || mtu > 4096 || !is_power_of_2(mtu)) {
		pr_err("sib: mtu=%u: must be 256, 512, 1024, 2048 or 4096\n", mtu);
		return -EINVAL;
	}
	return 0;
}

static void sib_destroy_devices(void)
{
	unsigned int unit;

	for (unit = 0; unit < fabric->num_hosts; unit++)
		if (fabric->device[unit])
			sib_device_destroy(fabric->device[unit]);
}

static int __init sib_init(void)
{
	unsigned int unit;
	int ret;

	ret = sib_check_parameters();
	if (ret)
		return ret;
	fabric = kvzalloc(sizeof(*fabric), GFP_KERNEL);
	if (!fabric)
		return -ENOMEM;
	fabric->num_hosts = hosts;
	fabric->ports_per_host = ports;
	fabric->mtu = ib_mtu_int_to_enum(mtu);
	spin_lock_init(&fabric->link_lock);
	ret = sib_wire_init(fabric);
	if (ret)
		goto err_fabric;
	ret = sib_switch_init(fabric);
	if (ret)
		goto err_wire;
	for (unit = 0; unit < hosts; unit++) {
		ret = sib_device_create(fabric, unit);
		if (ret) {
			pr_err("sib: host %u: cannot register its device: error %d\n", unit, ret);
			goto err_devices;
		}
	}
	sib_debugfs_init(fabric);
	return 0;

err_devices:
	sib_destroy_devices();
	sib_switch_exit(fabric);
err_wire:
	sib_wire_exit(fabric);
err_fabric:
	kvfree(fabric);
	return ret;
}

static void __exit sib_exit(void)
{
	sib_debugfs_exit(fabric);
	sib_destroy_devices();
	sib_switch_exit(fabric);
	sib_wire_exit(fabric);
	kvfree(fabric);
}

module_init(sib_init);
module_exit(sib_exit);
MODULE_LICENSE("GPL");
MODULE_VERSION(RDMA_NS_VERSION);
MODULE_DESCRIPTION("Software InfiniBand: HCAs and a switch with no hardware");
