// SPDX-License-Identifier: GPL-2.0
/*
 * Dispatches MADs to the agents, and checks what all attributes have in common: versions, methods
 * and the M_Key.
 */
#include "mad.h"

#define SIB_DISABLE_DELAY_MS	10

static bool sib_is_directed(const struct ib_smp *smp)
{
	return smp->mgmt_class == IB_MGMT_CLASS_SUBN_DIRECTED_ROUTE;
}

struct sib_link_end *sib_node_end(struct sib_node *node, unsigned int port_num)
{
	struct sib_device *device;

	if (sib_node_is_switch(node))
		return sib_switch_end(&node->fabric->sw, port_num);
	if (!port_num)
		return node->end;
	device = node->port->device;
	return port_num <= device->num_ports ? &device->port[port_num - 1].end : NULL;
}

/*
 * A lease ends when somebody looks at it, because nothing else depends on the protection bits.
 * Called under the lock.
 */
static void sib_mkey_lease_check(struct sib_link_end *end)
{
	if (!end->mkey_leasing || time_before(jiffies, end->mkey_lease_end))
		return;
	end->mkey_leasing = false;
	end->mkey_protect = 0;
}

bool sib_mkey_check(struct sib_node *node, struct sib_link_end *end, const struct ib_smp *smp)
{
	unsigned long flags;
	bool allowed;

	if (node->trusted)
		return true;
	spin_lock_irqsave(&end->lock, flags);
	sib_mkey_lease_check(end);
	if (!end->mkey || end->mkey == smp->mkey) {
		end->mkey_leasing = false;
		allowed = true;
	} else {
		allowed = smp->method == IB_MGMT_METHOD_GET && end->mkey_protect < 2;
	}
	if (!allowed) {
		if (end->mkey_violations != U16_MAX)
			end->mkey_violations++;
		if (!end->mkey_leasing && end->mkey_lease_period) {
			end->mkey_leasing = true;
			end->mkey_lease_end = jiffies + end->mkey_lease_period * HZ;
		}
	}
	spin_unlock_irqrestore(&end->lock, flags);
	if (!allowed)
		sib_trap_bad_mkey(node, smp);
	return allowed;
}

/* An SMInfo is for the subnet manager on this host, if this port may have one. */
static enum sib_mad_result sib_sm_info(const struct sib_node *node)
{
	if (READ_ONCE(node->end->cap_mask) & IB_PORT_SM_DISABLED)
		return SIB_MAD_DROP;
	return SIB_MAD_PASS;
}

enum sib_mad_result sib_smp_handle(struct sib_node *node, struct ib_smp *smp)
{
	u16 status;

	if ((smp->method & IB_MGMT_METHOD_RESP) || smp->method == IB_MGMT_METHOD_TRAP)
		return SIB_MAD_PASS;
	if (sib_is_directed(smp) && ib_get_smp_direction(smp))
		return SIB_MAD_DROP;
	if (smp->attr_id == IB_SMP_ATTR_SM_INFO && !sib_node_is_switch(node))
		return sib_sm_info(node);

	if (smp->base_version != IB_MGMT_BASE_VERSION || smp->class_version != 1) {
		status = IB_MGMT_MAD_STATUS_BAD_VERSION;
	} else {
		switch (smp->method) {
		case IB_MGMT_METHOD_GET:
		case IB_MGMT_METHOD_SET:
			if (!sib_mkey_check(node, node->end, smp))
				return SIB_MAD_DROP;
			status = sib_smp_attribute(node, smp);
			break;
		case IB_MGMT_METHOD_TRAP_REPRESS:
			if (!sib_mkey_check(node, node->end, smp))
				return SIB_MAD_DROP;
			return sib_trap_repress(node->agent, smp) ? SIB_MAD_DROP : SIB_MAD_PASS;
		default:
			status = IB_MGMT_MAD_STATUS_UNSUPPORTED_METHOD;
		}
	}
	if (status == SIB_NO_REPLY)
		return SIB_MAD_DROP;
	smp->method = IB_MGMT_METHOD_GET_RESP;
	smp->status = cpu_to_be16(status);
	if (sib_is_directed(smp))
		smp->status |= IB_SMP_DIRECTION;
	return SIB_MAD_REPLY;
}

/* Handles a MAD for performance management. */
enum sib_mad_result sib_gmp_handle(struct sib_node *node, struct ib_mad *mad)
{
	struct ib_mad_hdr *hdr = &mad->mad_hdr;
	u16 status;

	if ((hdr->method & IB_MGMT_METHOD_RESP) || hdr->method == IB_MGMT_METHOD_TRAP ||
	    hdr->method == IB_MGMT_METHOD_TRAP_REPRESS)
		return SIB_MAD_PASS;
	if (hdr->base_version != IB_MGMT_BASE_VERSION || hdr->class_version != 1)
		status = IB_MGMT_MAD_STATUS_BAD_VERSION;
	else if (hdr->method != IB_MGMT_METHOD_GET && hdr->method != IB_MGMT_METHOD_SET)
		status = IB_MGMT_MAD_STATUS_UNSUPPORTED_METHOD;
	else
		status = sib_pma_attribute(node, mad);
	hdr->method = IB_MGMT_METHOD_GET_RESP;
	hdr->status = cpu_to_be16(status);
	return SIB_MAD_REPLY;
}

/* The reply leaves after process_mad(), so disabling the link at once would cut it off. */
static void sib_disable_later(struct sib_link_end *end)
{
	struct sib_agent *agent = &sib_end_to_port(end)->agent;
	unsigned long flags;

	spin_lock_irqsave(&agent->lock, flags);
	if (agent->running)
		queue_delayed_work(end->fabric->wq, &agent->disable_work,
				   msecs_to_jiffies(SIB_DISABLE_DELAY_MS));
	spin_unlock_irqrestore(&agent->lock, flags);
}

static void sib_disable_port(struct work_struct *work)
{
	struct sib_agent *agent = container_of(to_delayed_work(work), struct sib_agent,
					       disable_work);

	sib_link_set_admin(agent->end, true);
}

void sib_agent_start(struct sib_agent *agent, struct sib_link_end *end)
{
	unsigned int slot;

	agent->end = end;
	for (slot = 0; slot < SIB_TRAP_SLOTS; slot++)
		/* long ago, so that there is nothing to wait for */
		agent->trap[slot].sent = jiffies - 60 * HZ;
	spin_lock_init(&agent->lock);
	INIT_DELAYED_WORK(&agent->trap_work, sib_trap_work);
	INIT_DELAYED_WORK(&agent->disable_work, sib_disable_port);
	smp_store_release(&agent->running, true);
}

void sib_agent_stop(struct sib_agent *agent)
{
	unsigned long flags;

	if (!agent->running)
		return;
	spin_lock_irqsave(&agent->lock, flags);
	agent->running = false;
	spin_unlock_irqrestore(&agent->lock, flags);
	cancel_delayed_work_sync(&agent->trap_work);
	cancel_delayed_work_sync(&agent->disable_work);
}

int sib_process_mad(struct ib_device *ibdev, int mad_flags, u32 port_num, const struct ib_wc *in_wc,
		    const struct ib_grh *in_grh, const struct ib_mad *in, struct ib_mad *out,
		    size_t *out_size, u16 *out_pkey_index)
{
	struct sib_device *device = to_sib(ibdev);
	struct sib_node node = { .fabric = device->fabric };
	enum sib_mad_result result;

	BUILD_BUG_ON(sizeof(*in) != IB_MGMT_MAD_SIZE || sizeof(struct ib_smp) != IB_MGMT_MAD_SIZE);
	if (port_num < 1 || port_num > device->num_ports || *out_size < sizeof(*out))
		return IB_MAD_RESULT_FAILURE;
	node.port = &device->port[port_num - 1];
	node.end = &node.port->end;
	node.agent = &node.port->agent;
	node.ingress = port_num;
	node.slid = in_wc ? in_wc->slid : READ_ONCE(node.end->lid);
	node.trusted = mad_flags & IB_MAD_IGNORE_MKEY;

	memcpy(out, in, sizeof(*out));
	switch (in->mad_hdr.mgmt_class) {
	case IB_MGMT_CLASS_SUBN_LID_ROUTED:
	case IB_MGMT_CLASS_SUBN_DIRECTED_ROUTE:
		result = sib_smp_handle(&node, (struct ib_smp *)out);
		break;
	case IB_MGMT_CLASS_PERF_MGMT:
		result = sib_gmp_handle(&node, out);
		break;
	default:
		return IB_MAD_RESULT_SUCCESS;
	}
	if (node.disable)
		sib_disable_later(node.disable);
	switch (result) {
	case SIB_MAD_REPLY:
		*out_size = sizeof(*out);
		return IB_MAD_RESULT_SUCCESS | IB_MAD_RESULT_REPLY;
	case SIB_MAD_DROP:
		return IB_MAD_RESULT_SUCCESS | IB_MAD_RESULT_CONSUMED;
	default:
		return IB_MAD_RESULT_SUCCESS;
	}
}
