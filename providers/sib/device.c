// SPDX-License-Identifier: GPL-2.0
/* The HCA of a simulated host: its attributes, and its registration with rdmavt. */
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/pci.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <rdma/ib_user_ioctl_verbs.h>
#include "qp.h"

#define SIB_MAX_QP		65536
#define SIB_MAX_WR		16384
#define SIB_MAX_SGE		60
#define SIB_MAX_CQE		(1 << 20)
#define SIB_MAX_RD_ATOMIC	16

#define SIB_ERROR_SETTLES_MS	100

#define RUC	(BIT(IB_QPT_RC) | BIT(IB_QPT_UC))
#define ALL	(RUC | BIT(IB_QPT_UD) | BIT(IB_QPT_GSI) | BIT(IB_QPT_SMI))

static const struct rvt_operation_params post_parms[RVT_OPERATION_MAX] = {
	[IB_WR_SEND] = { sizeof(struct ib_send_wr), ALL, 0 },
	[IB_WR_SEND_WITH_IMM] = { sizeof(struct ib_send_wr), ALL, 0 },
	[IB_WR_SEND_WITH_INV] = { sizeof(struct ib_send_wr), BIT(IB_QPT_RC), 0 },
	[IB_WR_RDMA_WRITE] = { sizeof(struct ib_rdma_wr), RUC, 0 },
	[IB_WR_RDMA_WRITE_WITH_IMM] = { sizeof(struct ib_rdma_wr), RUC, 0 },
	[IB_WR_RDMA_READ] = { sizeof(struct ib_rdma_wr), BIT(IB_QPT_RC), RVT_OPERATION_ATOMIC },
	[IB_WR_ATOMIC_CMP_AND_SWP] = { sizeof(struct ib_atomic_wr), BIT(IB_QPT_RC),
				       RVT_OPERATION_ATOMIC | RVT_OPERATION_ATOMIC_SGE },
	[IB_WR_ATOMIC_FETCH_AND_ADD] = { sizeof(struct ib_atomic_wr), BIT(IB_QPT_RC),
					 RVT_OPERATION_ATOMIC | RVT_OPERATION_ATOMIC_SGE },
	[IB_WR_REG_MR] = { sizeof(struct ib_reg_wr), RUC, RVT_OPERATION_LOCAL },
	[IB_WR_LOCAL_INV] = { sizeof(struct ib_send_wr), RUC, RVT_OPERATION_LOCAL },
};

static const enum ib_wc_opcode wc_opcode[RVT_OPERATION_MAX] = {
	[IB_WR_SEND] = IB_WC_SEND,
	[IB_WR_SEND_WITH_IMM] = IB_WC_SEND,
	[IB_WR_SEND_WITH_INV] = IB_WC_SEND,
	[IB_WR_RDMA_WRITE] = IB_WC_RDMA_WRITE,
	[IB_WR_RDMA_WRITE_WITH_IMM] = IB_WC_RDMA_WRITE,
	[IB_WR_RDMA_READ] = IB_WC_RDMA_READ,
	[IB_WR_ATOMIC_CMP_AND_SWP] = IB_WC_COMP_SWAP,
	[IB_WR_ATOMIC_FETCH_AND_ADD] = IB_WC_FETCH_ADD,
	[IB_WR_REG_MR] = IB_WC_REG_MR,
	[IB_WR_LOCAL_INV] = IB_WC_LOCAL_INV,
};

static struct sib_device *sib_from_rdi(struct rvt_dev_info *rdi)
{
	return container_of(rdi, struct sib_device, rdi);
}

static struct pci_dev *sib_get_pci_dev(struct rvt_dev_info *rdi)
{
	return sib_from_rdi(rdi)->pci;
}

static int sib_query_port_state(struct rvt_dev_info *rdi, u32 port_num, struct ib_port_attr *props)
{
	struct sib_link_end *end = &sib_from_rdi(rdi)->port[port_num - 1].end;
	unsigned long flags;

	spin_lock_irqsave(&end->lock, flags);
	props->state = end->state;
	props->phys_state = end->phys_state;
	props->lid = end->lid;
	props->lmc = end->lmc;
	props->max_mtu = end->mtu_cap;
	props->active_mtu = min(end->mtu_cap, end->neighbor_mtu);
	props->active_width = end->link_width_active ?: IB_WIDTH_1X;
	props->active_speed = end->link_speed_active ?: IB_SPEED_SDR;
	spin_unlock_irqrestore(&end->lock, flags);
	props->gid_tbl_len = SIB_GUIDS;
	props->max_vl_num = 1;
	return 0;
}

static int sib_shut_down_port(struct rvt_dev_info *rdi, u32 port_num)
{
	sib_link_set_admin(&sib_from_rdi(rdi)->port[port_num - 1].end, true);
	return 0;
}

static void sib_cap_mask_chg(struct rvt_dev_info *rdi, u32 port_num)
{
	struct sib_port *port = &sib_from_rdi(rdi)->port[port_num - 1];

	WRITE_ONCE(port->end.cap_mask, port->rvp.port_cap_flags);
	sib_trap_cap_mask(port);
}

static int sib_get_guid_be(struct rvt_dev_info *rdi, struct rvt_ibport *rvp, int index,
			   __be64 *guid)
{
	struct sib_port *port = container_of(rvp, struct sib_port, rvp);

	if (index < 0 || index >= SIB_GUIDS)
		return -EINVAL;
	*guid = port->guid[index];
	return 0;
}

static void sib_notify_new_ah(struct ib_device *ibdev, struct rdma_ah_attr *attr, struct rvt_ah *ah)
{
	ah->log_pmtu = ilog2(ib_mtu_enum_to_int(to_sib(ibdev)->fabric->mtu));
}

static int sib_check_ah(struct ib_device *ibdev, struct rdma_ah_attr *attr)
{
	return 0;	/* rdmavt's own checks are enough */
}

/*
 * rdmavt expects an agent for traps here. But sib sends its own traps, and the agent would outlive
 * the MAD ports, which a move to another network namespace tears down.
 */
static void sib_notify_create_mad_agent(struct rvt_dev_info *rdi, int port_index)
{
	struct rvt_ibport *rvp = rdi->ports[port_index];

	ib_unregister_mad_agent(rvp->send_agent);
	rvp->send_agent = NULL;
}

static int sib_comp_vect_cpu_lookup(struct rvt_dev_info *rdi, int comp_vector)
{
	return cpumask_local_spread(comp_vector, NUMA_NO_NODE);
}

static int sib_modify_device(struct ib_device *ibdev, int mask, struct ib_device_modify *modify)
{
	struct sib_device *device = to_sib(ibdev);
	unsigned int i;

	if (mask & ~(IB_DEVICE_MODIFY_NODE_DESC | IB_DEVICE_MODIFY_SYS_IMAGE_GUID))
		return -EOPNOTSUPP;
	if (mask & IB_DEVICE_MODIFY_SYS_IMAGE_GUID)
		device->rdi.dparms.props.sys_image_guid = cpu_to_be64(modify->sys_image_guid);
	if (mask & IB_DEVICE_MODIFY_NODE_DESC) {
		memcpy(ibdev->node_desc, modify->node_desc, IB_DEVICE_NODE_DESC_MAX);
		for (i = 0; i < device->num_ports; i++)
			sib_trap_node_desc(&device->port[i]);
	}
	return 0;
}

/*
 * There is nothing to do, because the core destroys the objects and mappings hold only pages
 * (mmap.c). But this function must exist, so that a device can leave while processes use it: on
 * rmmod, or when it moves to another namespace.
 */
static void sib_disassociate_ucontext(struct ib_ucontext *context)
{
}

static const struct attribute_group *port_groups[] = { NULL };

static const struct ib_device_ops device_ops = {
	.owner = THIS_MODULE,
	/* this driver's user-space provider drives any rdmavt device */
	.driver_id = RDMA_DRIVER_HFI1,
	.alloc_hw_port_stats = sib_alloc_hw_port_stats,
	.disassociate_ucontext = sib_disassociate_ucontext,
	.mmap = sib_mmap,
	.get_hw_stats = sib_get_hw_stats,
	.modify_device = sib_modify_device,
	.port_groups = port_groups,
	.process_mad = sib_process_mad,
};

static void sib_fill_props(struct sib_device *device)
{
	struct rvt_driver_params *dparms = &device->rdi.dparms;
	struct ib_device_attr *props = &dparms->props;

	props->device_cap_flags = IB_DEVICE_BAD_PKEY_CNTR | IB_DEVICE_BAD_QKEY_CNTR |
				  IB_DEVICE_SHUTDOWN_PORT | IB_DEVICE_SYS_IMAGE_GUID |
				  IB_DEVICE_RC_RNR_NAK_GEN | IB_DEVICE_PORT_ACTIVE_EVENT |
				  IB_DEVICE_SRQ_RESIZE | IB_DEVICE_MEM_MGT_EXTENSIONS;
	props->kernel_cap_flags = IBK_LOCAL_DMA_LKEY;
	props->page_size_cap = PAGE_SIZE;
	props->vendor_id = SIB_VENDOR_ID;
	props->vendor_part_id = 1;
	props->hw_ver = 1;
	props->sys_image_guid = device->rdi.ibdev.node_guid;
	props->max_mr_size = U64_MAX;
	props->max_qp = SIB_MAX_QP;
	props->max_qp_wr = SIB_MAX_WR;
	props->max_send_sge = SIB_MAX_SGE;
	props->max_recv_sge = SIB_MAX_SGE;
	props->max_sge_rd = SIB_MAX_SGE;
	props->max_cq = SIB_MAX_QP;
	props->max_cqe = SIB_MAX_CQE;
	props->max_ah = SIB_MAX_QP;
	props->max_pd = SIB_MAX_QP;
	props->max_qp_rd_atom = SIB_MAX_RD_ATOMIC;
	props->max_qp_init_rd_atom = SIB_MAX_RD_ATOMIC;
	props->max_res_rd_atom = SIB_MAX_RD_ATOMIC * SIB_MAX_QP;
	props->max_srq = SIB_MAX_QP;
	props->max_srq_wr = SIB_MAX_WR;
	props->max_srq_sge = SIB_MAX_SGE;
	/* They are the processor's own, so IB_ATOMIC_GLOB would be true, too. HCAs say this. */
	props->atomic_cap = IB_ATOMIC_HCA;
	props->max_pkeys = SIB_PKEYS;
	props->max_mcast_grp = 16384;
	props->max_mcast_qp_attach = SIB_MAX_QP;
	props->max_total_mcast_qp_attach = INT_MAX;
	props->max_fast_reg_page_list_len = UINT_MAX / PAGE_SIZE;
	props->local_ca_ack_delay = 0;

	dparms->lkey_table_size = 16;
	dparms->qp_table_size = 4096;
	dparms->qpn_start = 1;
	dparms->qpn_inc = 1;
	dparms->qpn_res_start = 0;
	dparms->qpn_res_end = 1;
	dparms->nports = device->num_ports;
	dparms->npkeys = SIB_PKEYS;
	dparms->node = first_online_node;
	dparms->psn_mask = RVT_QPN_MASK;
	dparms->psn_modify_mask = RVT_QPN_MASK;
	dparms->core_cap_flags = RDMA_CORE_PORT_IBA_IB;
	dparms->max_mad_size = IB_MGMT_MAD_SIZE;
	dparms->max_rdma_atomic = SIB_MAX_RD_ATOMIC;
}

static void sib_fill_driver(struct rvt_dev_info *rdi)
{
	struct rvt_driver_provided *f = &rdi->driver_f;

	f->get_pci_dev = sib_get_pci_dev;
	f->query_port_state = sib_query_port_state;
	f->shut_down_port = sib_shut_down_port;
	f->cap_mask_chg = sib_cap_mask_chg;
	f->get_guid_be = sib_get_guid_be;
	f->notify_new_ah = sib_notify_new_ah;
	f->check_ah = sib_check_ah;
	f->notify_create_mad_agent = sib_notify_create_mad_agent;
	f->comp_vect_cpu_lookup = sib_comp_vect_cpu_lookup;
	sib_qp_driver_init(rdi);
}

static int sib_port_init(struct sib_device *device, unsigned int index)
{
	struct sib_fabric *fabric = device->fabric;
	struct sib_port *port = &device->port[index];
	struct rvt_ibport *rvp = &port->rvp;

	port->device = device;
	port->port_num = index + 1;
	port->switch_port = device->unit * fabric->ports_per_host + index + 1;
	port->guid[0] = cpu_to_be64(be64_to_cpu(device->rdi.ibdev.node_guid) + index + 1);
	if (sib_link_end_init(&port->end, fabric, port->port_num))
		return -ENOMEM;
	port->end.cap_mask = SIB_HCA_CAP_MASK;

	spin_lock_init(&rvp->lock);
	rvp->gid_prefix = port->end.gid_prefix;
	rvp->sm_lid = port->end.sm_lid;
	rvp->port_cap_flags = port->end.cap_mask;
	return rvt_init_port(&device->rdi, rvp, index, port->end.pkey);
}

static void sib_ports_free(struct sib_device *device)
{
	unsigned int i;

	for (i = 0; i < device->num_ports; i++)
		sib_link_end_free(&device->port[i].end);
}

static int sib_name_device(struct sib_device *device)
{
	struct ib_device *ibdev = &device->rdi.ibdev;
	int ret;

	ret = dev_set_name(&ibdev->dev, "sib%u", device->unit);
	if (ret)
		return ret;
	strscpy(ibdev->name, dev_name(&ibdev->dev), IB_DEVICE_NAME_MAX);
	snprintf(ibdev->node_desc, sizeof(ibdev->node_desc), "sib%u", device->unit);
	ibdev->node_guid = cpu_to_be64(SIB_GUID_BASE + ((u64)(device->unit + 1) << 8));
	device->pci->dev.init_name = ibdev->name;
	return 0;
}

/*
 * IPoIB's netdevs get the host as their parent, too, and what is looked for there is found: IPoIB
 * itself follows the pointer when ethtool asks for the driver.
 */
static int sib_add_host(struct sib_device *device)
{
	struct platform_device_info info = {
		.name = "sib",
		.id = device->unit,
		/* SCSI hosts below it must not bounce their data: nothing here has a DMA engine. */
		.dma_mask = DMA_BIT_MASK(64),
	};

	device->host = platform_device_register_full(&info);
	if (IS_ERR(device->host))
		return PTR_ERR(device->host);
	device->rdi.ibdev.dev.parent = &device->host->dev;
	return 0;
}

int sib_device_create(struct sib_fabric *fabric, unsigned int unit)
{
	struct sib_device *device;
	struct rvt_dev_info *rdi;
	unsigned int i;
	int ret;

	rdi = rvt_alloc_device(sizeof(*device), fabric->ports_per_host);
	if (!rdi)
		return -ENOMEM;
	device = sib_from_rdi(rdi);
	device->fabric = fabric;
	device->unit = unit;
	device->num_ports = fabric->ports_per_host;
	ret = -ENOMEM;
	device->pci = kzalloc(sizeof(*device->pci), GFP_KERNEL);
	if (!device->pci)
		goto err_device;
	ret = sib_name_device(device);
	if (ret)
		goto err_pci;
	ret = sib_add_host(device);
	if (ret)
		goto err_pci;
	rdi->ibdev.phys_port_cnt = device->num_ports;
	rdi->ibdev.num_comp_vectors = num_online_cpus();
	sib_fill_props(device);
	sib_fill_driver(rdi);
	for (i = 0; i < device->num_ports; i++) {
		ret = sib_port_init(device, i);
		if (ret)
			goto err_ports;
	}
	rdi->post_parms = post_parms;
	rdi->wc_opcode = wc_opcode;
	ib_set_device_ops(&rdi->ibdev, &device_ops);

	ret = sib_dma_init(device);
	if (ret)
		goto err_ports;
	ret = rvt_register_device(rdi);
	if (ret)
		goto err_dma;
	sib_dma_begin(device);
	sib_cq_init(device);
	fabric->device[unit] = device;
	for (i = 0; i < device->num_ports; i++) {
		sib_agent_start(&device->port[i].agent, &device->port[i].end);
		WRITE_ONCE(device->port[i].registered, true);
	}
	sib_link_attach(device);
	return 0;

err_dma:
	sib_dma_free(device);
err_ports:
	sib_ports_free(device);
	platform_device_unregister(device->host);
err_pci:
	kfree(device->pci);
err_device:
	rvt_dealloc_device(rdi);
	return ret;
}

void sib_device_destroy(struct sib_device *device)
{
	struct platform_device *host = device->host;
	struct pci_dev *pci = device->pci;
	unsigned int i;

	sib_link_detach(device);
	device->fabric->device[device->unit] = NULL;
	/*
	 * The port's error has the stock ib_ipoib restart its netdevs. If it stops one meanwhile,
	 * the netdev stays up, and ib_ipoib warns. Without that event, clients wait in vain for
	 * peers.
	 */
	msleep(SIB_ERROR_SETTLES_MS);
	/* Before rdmavt does it, which then finds no region left. */
	ib_unregister_device(&device->rdi.ibdev);
	sib_dma_end(device);
	rvt_unregister_device(&device->rdi);
	sib_dma_free(device);
	for (i = 0; i < device->num_ports; i++)
		sib_agent_stop(&device->port[i].agent);
	sib_ports_free(device);
	rvt_dealloc_device(&device->rdi);
	platform_device_unregister(host);
	kfree(pci);
}
