// SPDX-License-Identifier: GPL-2.0
/*
 * Notices to the subnet manager. Each is sent at once, and then again every SubnetTimeOut until the
 * SM represses it or the tries are used up. A node can have one notice of each kind pending.
 */
#include "mad.h"

#define SIB_TRAP_LINK_STATE_CHANGE	128
#define SIB_TRAP_LOCAL_CHANGES		144
#define SIB_TRAP_MKEY			256
#define SIB_TRAP_PKEY			257
#define SIB_TRAP_QKEY			258

#define SIB_TRAP_SENDS		5
#define SIB_TRAP_GAP		(HZ / 20)	/* at least, between changes of one kind */
#define SIB_TRAP_KEY_GAP	HZ		/* at least, between violations of one kind */

struct sib_notice {
	u8 type;		/* IB_NOTICE_TYPE_*, of a generic notice */
	u8 reserved;
	__be16 producer;
	__be16 number;
	__be16 issuer_lid;
	__be16 toggle_count;
	u8 details[54];
} __packed;

struct sib_details_128 {
	__be16 lid;
} __packed;

struct sib_details_144 {
	__be16 reserved1;
	__be16 lid;
	u8 reserved2;
	u8 other_changes;	/* 1: the flags are valid, not the capability mask */
	__be32 cap_mask;
	__be16 flags;
	__be16 cap_mask2;
} __packed;

struct sib_details_256 {
	__be16 reserved1;
	__be16 lid;
	__be16 dr_slid;
	u8 method;
	u8 reserved2;
	__be16 attr_id;
	__be32 attr_mod;
	__be64 mkey;
	u8 reserved3;
	u8 dr_hops;		/* IB_NOTICE_TRAP_DR_* and the length of the path */
	u8 dr_return_path[30];
} __packed;

struct sib_details_key {	/* of traps 257 and 258 */
	__be16 reserved;
	__be16 lid1;
	__be16 lid2;
	__be32 key;
	__be32 sl_qpn1;
	__be32 qpn2;
	u8 gid1[16];
	u8 gid2[16];
} __packed;

/* True if the SM is known and the port can reach it. If not, the SM finds out in its next sweep. */
static bool sib_can_reach_sm(const struct sib_link_end *end)
{
	u16 sm_lid = READ_ONCE(end->sm_lid);

	return sm_lid && sm_lid < SIB_LFT_SIZE && READ_ONCE(end->lid) &&
	       READ_ONCE(end->state) >= IB_PORT_ARMED;
}

static unsigned long sib_repeat_period(const struct sib_link_end *end)
{
	u64 us = (4096ULL << (READ_ONCE(end->subnet_timeout) & 0x1f)) / 1000;

	return usecs_to_jiffies(clamp_t(u64, us, 100000, 10000000));
}

/*
 * A violation adds nothing while an earlier one is pending. A change must be reported again, under
 * a new transaction ID, because the SM may have looked before it.
 */
static void sib_notify(struct sib_agent *agent, enum sib_trap_slot slot, u8 type, u16 number,
		       const void *details, size_t size)
{
	struct sib_notice notice = { .type = type, .number = cpu_to_be16(number) };
	bool violation = slot >= SIB_TRAP_BAD_MKEY;
	struct sib_trap *trap = &agent->trap[slot];
	unsigned long flags, next;

	BUILD_BUG_ON(sizeof(notice) != sizeof(trap->notice));
	if (!smp_load_acquire(&agent->running) || !sib_can_reach_sm(agent->end))
		return;
	notice.producer = sib_end_to_port(agent->end) ? IB_NOTICE_PROD_CA : IB_NOTICE_PROD_SWITCH;
	notice.issuer_lid = cpu_to_be16(READ_ONCE(agent->end->lid));
	memcpy(notice.details, details, min(size, sizeof(notice.details)));

	spin_lock_irqsave(&agent->lock, flags);
	if (agent->running && !(violation && trap->pending)) {
		memcpy(trap->notice, &notice, sizeof(notice));
		next = trap->sent + (violation ? SIB_TRAP_KEY_GAP : SIB_TRAP_GAP);
		trap->due = time_before(jiffies, next) ? next : jiffies;
		trap->tid = ++agent->tid;
		trap->sends = 0;
		trap->pending = true;
		mod_delayed_work(agent->end->fabric->wq, &agent->trap_work, 0);
	}
	spin_unlock_irqrestore(&agent->lock, flags);
}

static void sib_transmit(struct sib_link_end *end, const struct sib_trap *trap)
{
	struct sib_port *port = sib_end_to_port(end);
	struct sib_packet *packet;
	struct ib_smp *smp;

	if (!sib_can_reach_sm(end))
		return;
	packet = sib_packet_alloc(sizeof(*smp), GFP_KERNEL);
	if (!packet)
		return;
	packet->slid = READ_ONCE(end->lid);
	packet->dlid = READ_ONCE(end->sm_lid);
	packet->sl = READ_ONCE(end->sm_sl);
	packet->pkey = IB_DEFAULT_PKEY_FULL;

	smp = (struct ib_smp *)packet->data;
	memset(smp, 0, sizeof(*smp));
	smp->base_version = IB_MGMT_BASE_VERSION;
	smp->mgmt_class = IB_MGMT_CLASS_SUBN_LID_ROUTED;
	smp->class_version = 1;
	smp->method = IB_MGMT_METHOD_TRAP;
	smp->tid = cpu_to_be64(trap->tid);
	smp->attr_id = IB_SMP_ATTR_NOTICE;
	memcpy(smp->data, trap->notice, sizeof(trap->notice));
	if (port)
		sib_wire_send(port, packet);
	else
		sib_switch_send(end->fabric, 0, packet);
}

void sib_trap_work(struct work_struct *work)
{
	struct sib_agent *agent = container_of(to_delayed_work(work), struct sib_agent, trap_work);
	unsigned long now, wait = MAX_JIFFY_OFFSET;
	struct sib_trap *trap, copy;
	unsigned int slot;

	for (slot = 0; slot < SIB_TRAP_SLOTS; slot++) {
		trap = &agent->trap[slot];
		copy.pending = false;
		spin_lock_irq(&agent->lock);
		now = jiffies;
		if (trap->pending && !time_before(now, trap->due)) {
			if (trap->sends++ < SIB_TRAP_SENDS) {
				trap->sent = now;
				trap->due = now + sib_repeat_period(agent->end);
				copy = *trap;
			} else {
				trap->pending = false;
			}
		}
		if (trap->pending)
			wait = min(wait, trap->due - now);
		spin_unlock_irq(&agent->lock);
		if (copy.pending)
			sib_transmit(agent->end, &copy);
	}
	spin_lock_irq(&agent->lock);
	/* This does nothing if a new notice has queued it already. */
	if (agent->running && wait != MAX_JIFFY_OFFSET)
		queue_delayed_work(agent->end->fabric->wq, &agent->trap_work, wait);
	spin_unlock_irq(&agent->lock);
}

bool sib_trap_repress(struct sib_agent *agent, const struct ib_smp *smp)
{
	struct sib_trap *trap;
	unsigned long flags;
	bool found = false;

	if (smp->attr_id != IB_SMP_ATTR_NOTICE || !smp_load_acquire(&agent->running))
		return false;
	spin_lock_irqsave(&agent->lock, flags);
	for (trap = agent->trap; trap < agent->trap + SIB_TRAP_SLOTS; trap++) {
		if (!trap->tid || be64_to_cpu(smp->tid) != trap->tid)
			continue;
		trap->pending = false;
		found = true;
	}
	spin_unlock_irqrestore(&agent->lock, flags);
	return found;
}

void sib_trap_link_state(struct sib_fabric *fabric)
{
	struct sib_switch *sw = &fabric->sw;
	struct sib_details_128 details = { .lid = cpu_to_be16(READ_ONCE(sw->port0.lid)) };

	WRITE_ONCE(sw->port_state_change, true);
	sib_notify(&sw->agent, SIB_TRAP_LINK_STATE, IB_NOTICE_TYPE_URGENT,
		   SIB_TRAP_LINK_STATE_CHANGE, &details, sizeof(details));
}

static void sib_local_change(struct sib_port *port, enum sib_trap_slot slot, u16 flags)
{
	struct sib_details_144 details = {
		.lid = cpu_to_be16(READ_ONCE(port->end.lid)),
		.other_changes = flags ? 1 : 0,
		.cap_mask = cpu_to_be32(READ_ONCE(port->end.cap_mask)),
		.flags = cpu_to_be16(flags),
	};

	sib_notify(&port->agent, slot, IB_NOTICE_TYPE_INFO, SIB_TRAP_LOCAL_CHANGES, &details,
		   sizeof(details));
}

void sib_trap_cap_mask(struct sib_port *port)
{
	sib_local_change(port, SIB_TRAP_CAP_MASK, 0);
}

void sib_trap_node_desc(struct sib_port *port)
{
	sib_local_change(port, SIB_TRAP_NODE_DESC, IB_NOTICE_TRAP_NODE_DESC_CHG);
}

void sib_trap_bad_mkey(struct sib_node *node, const struct ib_smp *smp)
{
	struct sib_details_256 details = {
		.lid = cpu_to_be16(node->slid),
		.method = smp->method,
		.attr_id = smp->attr_id,
		.attr_mod = smp->attr_mod,
		.mkey = smp->mkey,
	};
	unsigned int hops;

	if (smp->mgmt_class == IB_MGMT_CLASS_SUBN_DIRECTED_ROUTE) {
		hops = min_t(unsigned int, smp->hop_cnt, IB_SMP_MAX_PATH_HOPS - 1);
		details.dr_slid = smp->dr_slid;
		details.dr_hops = IB_NOTICE_TRAP_DR_NOTICE;
		if (hops > sizeof(details.dr_return_path)) {
			hops = sizeof(details.dr_return_path);
			details.dr_hops |= IB_NOTICE_TRAP_DR_TRUNC;
		}
		details.dr_hops |= hops;
		memcpy(details.dr_return_path, smp->return_path, hops);
	}
	sib_notify(node->agent, SIB_TRAP_BAD_MKEY, IB_NOTICE_TYPE_SECURITY, SIB_TRAP_MKEY, &details,
		   sizeof(details));
}

static void sib_count_violation(struct sib_link_end *end, u16 *counter)
{
	unsigned long flags;

	spin_lock_irqsave(&end->lock, flags);
	if (*counter != U16_MAX)
		(*counter)++;
	spin_unlock_irqrestore(&end->lock, flags);
}

static void sib_bad_key(struct sib_agent *agent, bool pkey, u32 key, u16 slid, u16 dlid,
			u32 src_qpn, u32 dest_qpn, u8 sl)
{
	struct sib_details_key details = {
		.lid1 = cpu_to_be16(slid),
		.lid2 = cpu_to_be16(dlid),
		.key = cpu_to_be32(key),
		.sl_qpn1 = cpu_to_be32((u32)sl << 28 | (src_qpn & 0xffffff)),
		.qpn2 = cpu_to_be32(dest_qpn & 0xffffff),
	};

	sib_notify(agent, pkey ? SIB_TRAP_BAD_PKEY : SIB_TRAP_BAD_QKEY, IB_NOTICE_TYPE_SECURITY,
		   pkey ? SIB_TRAP_PKEY : SIB_TRAP_QKEY, &details, sizeof(details));
}

void sib_trap_bad_key(struct sib_port *port, bool pkey, u32 key, u16 slid, u16 dlid, u32 src_qpn,
		      u32 dest_qpn, u8 sl)
{
	sib_count_violation(&port->end,
			    pkey ? &port->rvp.pkey_violations : &port->rvp.qkey_violations);
	sib_bad_key(&port->agent, pkey, key, slid, dlid, src_qpn, dest_qpn, sl);
}

void sib_trap_switch_bad_key(struct sib_fabric *fabric, bool pkey, const struct sib_packet *packet)
{
	struct sib_switch *sw = &fabric->sw;
	struct sib_link_end *end = &sw->port0;

	sib_count_violation(end, pkey ? &end->pkey_violations : &end->qkey_violations);
	sib_bad_key(&sw->agent, pkey, pkey ? packet->pkey : packet->qkey, packet->slid,
		    packet->dlid, packet->src_qpn, packet->dest_qpn, packet->sl);
}
