// SPDX-License-Identifier: GPL-2.0
/* The state of links: cabling, training, the logical state that the SM sets, and events. */
#include "sib.h"

#define SIB_LINK_WIDTH_4X	0x02
#define SIB_LINK_SPEED_QDR	0x07	/* 2.5, 5 and 10 Gb/s are enabled */
#define SIB_SLEEP		1	/* sleep, in LinkDownDefaultState and as phys_state */

static u64 sib_counter_sum(struct sib_link_end *end, enum sib_counter counter)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(end->counters, cpu)->n[counter]);
	return sum;
}

u64 sib_count_sum(struct sib_link_end *end, enum sib_counter counter)
{
	switch (counter) {
	case SIB_UNICAST_XMIT_PKTS:
		return sib_counter_sum(end, SIB_XMIT_PKTS) -
		       sib_counter_sum(end, SIB_MULTICAST_XMIT_PKTS);
	case SIB_UNICAST_RCV_PKTS:
		return sib_counter_sum(end, SIB_RCV_PKTS) -
		       sib_counter_sum(end, SIB_MULTICAST_RCV_PKTS);
	default:
		return sib_counter_sum(end, counter);
	}
}

void sib_link_end_free(struct sib_link_end *end)
{
	free_percpu(end->counters);
}

int sib_link_end_init(struct sib_link_end *end, struct sib_fabric *fabric, u8 port_num)
{
	unsigned int i;

	end->counters = alloc_percpu(struct sib_counters);
	if (!end->counters)
		return -ENOMEM;
	spin_lock_init(&end->lock);
	end->fabric = fabric;
	end->port_num = port_num;
	end->state = IB_PORT_DOWN;
	end->phys_state = IB_PORT_PHYS_STATE_POLLING;
	end->down_default = IB_PORT_PHYS_STATE_POLLING;
	end->mtu_cap = fabric->mtu;
	/* Otherwise OpenSM would change the MTU and would retrain the link to do so. */
	end->neighbor_mtu = end->mtu_cap;
	end->operational_vls = SIB_VL_CAP;
	end->link_width_enabled = SIB_LINK_WIDTH_4X;
	end->link_speed_enabled = SIB_LINK_SPEED_QDR;
	end->sm_lid = SIB_PERMISSIVE_LID;
	end->gid_prefix = cpu_to_be64(0xfe80000000000000ULL);
	end->pkey[0] = 0xffff;
	for (i = 0; i < ARRAY_SIZE(end->vl_arb[0]); i += 2)
		end->vl_arb[0][i + 1] = i ? 0 : 1;
	return 0;
}

static struct sib_switch_port *sib_end_to_switch_port(struct sib_link_end *end)
{
	struct sib_switch *sw = &end->fabric->sw;
	struct sib_switch_port *port = container_of(end, struct sib_switch_port, end);

	if (end->port_num < 1 || end->port_num > sw->num_ports || port != &sw->port[end->port_num])
		return NULL;
	return port;
}

struct sib_port *sib_end_to_port(struct sib_link_end *end)
{
	if (end == &end->fabric->sw.port0 || sib_end_to_switch_port(end))
		return NULL;
	return container_of(end, struct sib_port, end);
}

struct sib_link_end *sib_link_peer(struct sib_link_end *end)
{
	struct sib_switch_port *switch_port = sib_end_to_switch_port(end);
	struct sib_port *port;

	if (end == &end->fabric->sw.port0)
		return NULL;
	if (switch_port) {
		port = rcu_dereference(switch_port->peer);
		return port ? &port->end : NULL;
	}
	port = container_of(end, struct sib_port, end);
	switch_port = &end->fabric->sw.port[port->switch_port];
	return rcu_access_pointer(switch_port->peer) == port ? &switch_port->end : NULL;
}

void sib_port_event(struct sib_port *port, enum ib_event_type type)
{
	struct ib_event event = {
		.device = &port->device->rdi.ibdev,
		.element.port_num = port->port_num,
		.event = type,
	};

	if (READ_ONCE(port->registered))
		ib_dispatch_event(&event);
}

/* Brings one end to @state and @phys_state, and tells everybody who must know. */
static void sib_end_enter(struct sib_link_end *end, u8 state, u8 phys_state)
{
	struct sib_port *port = sib_end_to_port(end);
	unsigned long flags;
	u8 old;

	spin_lock_irqsave(&end->lock, flags);
	old = end->state;
	end->state = state;
	end->phys_state = phys_state;
	spin_unlock_irqrestore(&end->lock, flags);

	if (old != IB_PORT_DOWN && state == IB_PORT_DOWN)
		sib_count(end, SIB_LINK_DOWNED, 1);
	if (port && old == IB_PORT_ACTIVE && state != IB_PORT_ACTIVE)
		sib_port_event(port, IB_EVENT_PORT_ERR);
	if (port && old != IB_PORT_ACTIVE && state == IB_PORT_ACTIVE)
		sib_port_event(port, IB_EVENT_PORT_ACTIVE);
	if (!port && (old == IB_PORT_DOWN) != (state == IB_PORT_DOWN))
		sib_trap_link_state(end->fabric);
}

static u8 sib_end_idle_phys(const struct sib_link_end *end)
{
	if (end->admin_down)
		return IB_PORT_PHYS_STATE_DISABLED;
	return end->down_default == SIB_SLEEP ? SIB_SLEEP : IB_PORT_PHYS_STATE_POLLING;
}

/*
 * Makes the link follow the settings of its two ends. The caller holds link_lock, so that two
 * callers who change both ends of a link at the same time do not interfere.
 */
static void sib_link_train(struct sib_link_end *end, struct sib_link_end *peer)
{
	bool up = peer && !end->admin_down && !peer->admin_down && sib_link_negotiate(end, peer);

	if (!up) {
		sib_end_enter(end, IB_PORT_DOWN, sib_end_idle_phys(end));
		if (peer)
			sib_end_enter(peer, IB_PORT_DOWN, sib_end_idle_phys(peer));
		return;
	}
	if (end->state == IB_PORT_DOWN || peer->state == IB_PORT_DOWN) {
		sib_end_enter(end, IB_PORT_INIT, IB_PORT_PHYS_STATE_LINK_UP);
		sib_end_enter(peer, IB_PORT_INIT, IB_PORT_PHYS_STATE_LINK_UP);
	}
}

void sib_link_set_admin(struct sib_link_end *end, bool down)
{
	struct sib_fabric *fabric = end->fabric;
	unsigned long flags;

	if (end == &fabric->sw.port0)
		return;
	rcu_read_lock();
	spin_lock_irqsave(&fabric->link_lock, flags);
	end->admin_down = down;
	sib_link_train(end, sib_link_peer(end));
	spin_unlock_irqrestore(&fabric->link_lock, flags);
	rcu_read_unlock();
}

static bool sib_may_enter(u8 from, u8 to)
{
	switch (to) {
	case IB_PORT_DOWN:
		return true;
	case IB_PORT_ARMED:
		return from == IB_PORT_INIT || from == IB_PORT_ARMED;
	case IB_PORT_ACTIVE:
		return from == IB_PORT_ARMED || from == IB_PORT_ACTIVE;
	default:
		return false;
	}
}

int sib_link_set_state(struct sib_link_end *end, u8 state)
{
	struct sib_fabric *fabric = end->fabric;
	struct sib_link_end *peer;
	unsigned long flags;
	int ret = 0;

	if (state == IB_PORT_NOP || end == &fabric->sw.port0)
		return 0;
	rcu_read_lock();
	spin_lock_irqsave(&fabric->link_lock, flags);
	peer = sib_link_peer(end);
	if (!sib_may_enter(end->state, state)) {
		ret = -EINVAL;
	} else if (state == IB_PORT_DOWN) {
		/* The link retrains: both ends go down and come back in state INIT. */
		sib_end_enter(end, IB_PORT_DOWN, sib_end_idle_phys(end));
		if (peer)
			sib_end_enter(peer, IB_PORT_DOWN, sib_end_idle_phys(peer));
		sib_link_train(end, peer);
	} else {
		sib_end_enter(end, state, end->phys_state);
	}
	spin_unlock_irqrestore(&fabric->link_lock, flags);
	rcu_read_unlock();
	return ret;
}

void sib_link_attach(struct sib_device *device)
{
	struct sib_fabric *fabric = device->fabric;
	unsigned long flags;
	unsigned int i;

	for (i = 0; i < device->num_ports; i++) {
		struct sib_port *port = &device->port[i];
		struct sib_switch_port *switch_port = &fabric->sw.port[port->switch_port];

		rcu_read_lock();
		spin_lock_irqsave(&fabric->link_lock, flags);
		rcu_assign_pointer(switch_port->peer, port);
		sib_link_train(&port->end, &switch_port->end);
		spin_unlock_irqrestore(&fabric->link_lock, flags);
		rcu_read_unlock();
	}
}

void sib_link_detach(struct sib_device *device)
{
	struct sib_fabric *fabric = device->fabric;
	unsigned long flags;
	unsigned int i;

	for (i = 0; i < device->num_ports; i++) {
		struct sib_port *port = &device->port[i];
		struct sib_switch_port *switch_port = &fabric->sw.port[port->switch_port];

		spin_lock_irqsave(&fabric->link_lock, flags);
		sib_link_train(&port->end, NULL);
		sib_link_train(&switch_port->end, NULL);
		RCU_INIT_POINTER(switch_port->peer, NULL);
		spin_unlock_irqrestore(&fabric->link_lock, flags);
	}
	synchronize_rcu();
}
