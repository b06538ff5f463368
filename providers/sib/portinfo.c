// SPDX-License-Identifier: GPL-2.0
/* PortInfo of HCA ports and of all ports of the switch, which the subnet manager reads and sets. */
#include "mad.h"

#define INVALID			IB_MGMT_MAD_STATUS_INVALID_ATTRIB_VALUE

#define SIB_WIDTHS		0x03	/* 1x and 4x */
#define SIB_SPEEDS		0x07	/* 2.5, 5 and 10 Gb/s a lane */
#define SIB_AS_SUPPORTED_WIDTH	0xff	/* these values enable everything */
#define SIB_AS_SUPPORTED_SPEED	0x0f
#define SIB_VL_ARB_CAP		64	/* entries for each priority */
#define SIB_RESP_TIME		16	/* 4.096 us * 2^16: 268 ms */
#define SIB_REREGISTER		0x80

/*
 * Some fields mean something only on ports that have a LID and keys: HCA ports and the switch's
 * port 0.
 */
static bool sib_is_managed(const struct sib_node *node, const struct sib_link_end *end)
{
	return node->port || end == &node->fabric->sw.port0;
}

static bool sib_is_port0(const struct sib_node *node, const struct sib_link_end *end)
{
	return end == &node->fabric->sw.port0;
}

/* rdmavt owns the counters of an HCA port, because users of verbs see and reset them, too. */
static u16 *sib_pkey_violations(struct sib_link_end *end)
{
	struct sib_port *port = sib_end_to_port(end);

	return port ? &port->rvp.pkey_violations : &end->pkey_violations;
}

static u16 *sib_qkey_violations(struct sib_link_end *end)
{
	struct sib_port *port = sib_end_to_port(end);

	return port ? &port->rvp.qkey_violations : &end->qkey_violations;
}

/*
 * Bit 31 of the modifier says whether the SM supports extended speeds, which does not matter here.
 */
static u16 sib_find_end(struct sib_node *node, const struct ib_smp *smp, struct sib_link_end **end)
{
	*end = sib_node_end(node, be32_to_cpu(smp->attr_mod) & 0xff);
	if (!*end)
		return INVALID;
	if (node->port && *end != node->end && !sib_mkey_check(node, *end, smp))
		return SIB_NO_REPLY;
	return 0;
}

/* Called under the lock. */
static void sib_fill_managed(struct sib_node *node, struct sib_link_end *end,
			     const struct ib_smp *smp, struct ib_port_info *info)
{
	/* Whoever may set the M_Key is told what it is now: it came with the one before. */
	if (node->trusted || !end->mkey || end->mkey == smp->mkey || !end->mkey_protect ||
	    smp->method == IB_MGMT_METHOD_SET)
		info->mkey = end->mkey;
	info->gid_prefix = end->gid_prefix;
	info->lid = cpu_to_be16(end->lid);
	info->sm_lid = cpu_to_be16(end->sm_lid);
	info->cap_mask = cpu_to_be32(end->cap_mask);
	info->mkey_lease_period = cpu_to_be16(end->mkey_lease_period);
	info->mkeyprot_resv_lmc = end->mkey_protect << 6 | end->lmc;
	info->neighbormtu_mastersmsl |= end->sm_sl;
	info->mkey_violations = cpu_to_be16(end->mkey_violations);
	info->pkey_violations = cpu_to_be16(*sib_pkey_violations(end));
	info->qkey_violations = cpu_to_be16(*sib_qkey_violations(end));
	info->guid_cap = sib_is_port0(node, end) ? 1 : SIB_GUIDS;
	info->clientrereg_resv_subnetto = end->subnet_timeout;
	info->resv_resptimevalue = SIB_RESP_TIME;
}

static void sib_fill(struct sib_node *node, struct sib_link_end *end, struct ib_smp *smp)
{
	struct ib_port_info info = {};
	unsigned long flags;

	spin_lock_irqsave(&end->lock, flags);
	info.local_port_num = node->ingress;
	info.link_width_enabled = end->link_width_enabled;
	info.link_width_supported = SIB_WIDTHS;
	info.link_width_active = end->link_width_active;
	info.linkspeed_portstate = SIB_SPEEDS << 4 | end->state;
	info.portphysstate_linkdown = end->phys_state << 4 | end->down_default;
	info.linkspeedactive_enabled = end->link_speed_active << 4 | end->link_speed_enabled;
	info.neighbormtu_mastersmsl = end->neighbor_mtu << 4;
	info.vlcap_inittype = SIB_VL_CAP << 4;
	info.vl_high_limit = end->vl_high_limit;
	info.vl_arb_high_cap = sib_is_port0(node, end) ? 0 : SIB_VL_ARB_CAP;
	info.vl_arb_low_cap = sib_is_port0(node, end) ? 0 : SIB_VL_ARB_CAP;
	info.inittypereply_mtucap = end->init_type_reply << 4 | end->mtu_cap;
	info.vlstallcnt_hoqlife = end->stall_hoq_life;
	info.operationalvl_pei_peo_fpi_fpo = end->operational_vls << 4 | end->enforce;
	info.localphyerrors_overrunerrors = end->error_thresholds;
	if (sib_is_managed(node, end))
		sib_fill_managed(node, end, smp, &info);
	spin_unlock_irqrestore(&end->lock, flags);

	memset(smp->data, 0, sizeof(smp->data));
	memcpy(smp->data, &info, sizeof(info));
}

u16 sib_portinfo_get(struct sib_node *node, struct ib_smp *smp)
{
	struct sib_link_end *end;
	u16 status = sib_find_end(node, smp, &end);

	if (!status)
		sib_fill(node, end, smp);
	return status;
}

static bool sib_unicast(u16 lid)
{
	return lid && lid < SIB_LFT_SIZE;
}

/*
 * A field that repeats the present value is always valid, because tools write back what they have
 * read.
 */
static bool sib_managed_valid(struct sib_node *node, const struct sib_link_end *end,
			      const struct ib_port_info *info)
{
	u16 lid = be16_to_cpu(info->lid), sm_lid = be16_to_cpu(info->sm_lid);
	u8 lmc = info->mkeyprot_resv_lmc & 0x07;

	if (lid != end->lid && !sib_unicast(lid))
		return false;
	if (sm_lid != end->sm_lid && !sib_unicast(sm_lid))
		return false;
	if (lmc && sib_is_port0(node, end))
		return false;
	return !(lid & ((1 << lmc) - 1));
}

static bool sib_link_valid(const struct sib_link_end *end, const struct ib_port_info *info)
{
	u8 width = info->link_width_enabled, speed = info->linkspeedactive_enabled & 0x0f;
	u8 mtu = info->neighbormtu_mastersmsl >> 4;
	u8 vls = info->operationalvl_pei_peo_fpi_fpo >> 4;

	if (width != SIB_AS_SUPPORTED_WIDTH && (width & ~SIB_WIDTHS))
		return false;
	if (speed != SIB_AS_SUPPORTED_SPEED && (speed & ~SIB_SPEEDS))
		return false;
	if (mtu != end->neighbor_mtu && (mtu < IB_MTU_256 || mtu > end->mtu_cap))
		return false;
	return vls <= SIB_VL_CAP && (info->portphysstate_linkdown & 0x0f) <= 2;
}

enum link_action {
	LINK_LEAVE,
	LINK_RETRAIN,
	LINK_ENABLE,
	LINK_DISABLE,
};

/*
 * Finds out what the two states in the request ask for. Returns false if they are not a valid
 * command.
 */
static bool sib_link_command(const struct ib_port_info *info, enum link_action *action, u8 *state)
{
	u8 phys_state = info->portphysstate_linkdown >> 4;

	*action = LINK_LEAVE;
	*state = info->linkspeed_portstate & 0x0f;
	switch (*state) {
	case IB_PORT_NOP:
	case IB_PORT_DOWN:
		break;
	case IB_PORT_ARMED:
	case IB_PORT_ACTIVE:
		return phys_state == 0;
	default:
		return false;
	}
	switch (phys_state) {
	case 0:
		if (*state == IB_PORT_DOWN)
			*action = LINK_RETRAIN;
		break;
	case IB_PORT_PHYS_STATE_SLEEP:		/* the other end polls and so wakes it */
	case IB_PORT_PHYS_STATE_POLLING:
		*action = LINK_ENABLE;
		break;
	case IB_PORT_PHYS_STATE_DISABLED:
		*action = LINK_DISABLE;
		break;
	default:
		return false;
	}
	*state = IB_PORT_NOP;
	return true;
}

/*
 * Training takes no time here, so the reply can use the link at once. If the link does not come up,
 * the reply is lost, as on any link.
 */
static void sib_link_act(struct sib_node *node, struct sib_link_end *end, enum link_action action)
{
	struct sib_port *port = sib_end_to_port(end);

	if (action == LINK_LEAVE)
		return;
	if (action == LINK_DISABLE) {
		node->disable = end;
		return;
	}
	if (port && smp_load_acquire(&port->agent.running) &&
	    cancel_delayed_work_sync(&port->agent.disable_work))
		sib_link_set_admin(end, true);
	if (action == LINK_ENABLE && READ_ONCE(end->admin_down))
		sib_link_set_admin(end, false);
	else
		sib_link_set_state(end, IB_PORT_DOWN);
}

/* These bits say what changed, for the events. */
#define CHANGED_LID	0x01
#define CHANGED_SM	0x02
#define CHANGED_PREFIX	0x04

/* Copies the SM's values with which rdmavt answers verbs. Called under the lock. */
static void sib_mirror(struct sib_port *port)
{
	struct sib_link_end *end = &port->end;

	port->rvp.sm_lid = end->sm_lid;
	port->rvp.sm_sl = end->sm_sl;
	port->rvp.gid_prefix = end->gid_prefix;
	port->rvp.subnet_timeout = end->subnet_timeout;
}

/* Called under the lock. */
static unsigned int sib_set_managed(struct sib_link_end *end, const struct ib_port_info *info)
{
	u16 lid = be16_to_cpu(info->lid), sm_lid = be16_to_cpu(info->sm_lid);
	u8 lmc = info->mkeyprot_resv_lmc & 0x07, sm_sl = info->neighbormtu_mastersmsl & 0x0f;
	struct sib_port *port = sib_end_to_port(end);
	unsigned int changed = 0;

	if (lid != end->lid || lmc != end->lmc)
		changed |= CHANGED_LID;
	if (sm_lid != end->sm_lid || sm_sl != end->sm_sl)
		changed |= CHANGED_SM;
	if (info->gid_prefix != end->gid_prefix)
		changed |= CHANGED_PREFIX;
	end->mkey = info->mkey;
	end->mkey_protect = info->mkeyprot_resv_lmc >> 6;
	end->mkey_lease_period = be16_to_cpu(info->mkey_lease_period);
	end->mkey_leasing = false;
	WRITE_ONCE(end->gid_prefix, info->gid_prefix);
	WRITE_ONCE(end->lid, lid);
	WRITE_ONCE(end->lmc, lmc);
	WRITE_ONCE(end->sm_lid, sm_lid);
	WRITE_ONCE(end->sm_sl, sm_sl);
	WRITE_ONCE(end->subnet_timeout, info->clientrereg_resv_subnetto & 0x1f);
	if (!info->mkey_violations)	/* the counters can be cleared but not set */
		end->mkey_violations = 0;
	if (!info->pkey_violations)
		*sib_pkey_violations(end) = 0;
	if (!info->qkey_violations)
		*sib_qkey_violations(end) = 0;
	if (port)
		sib_mirror(port);
	return changed;
}

/* Called under the lock. If 0 is not a value of a field, it means that the field stays as it is. */
static void sib_set_link(struct sib_link_end *end, const struct ib_port_info *info)
{
	u8 width = info->link_width_enabled, speed = info->linkspeedactive_enabled & 0x0f;
	u8 vls = info->operationalvl_pei_peo_fpi_fpo >> 4;
	u8 down_default = info->portphysstate_linkdown & 0x0f;

	if (width)
		end->link_width_enabled = width == SIB_AS_SUPPORTED_WIDTH ? SIB_WIDTHS : width;
	if (speed)
		end->link_speed_enabled = speed == SIB_AS_SUPPORTED_SPEED ? SIB_SPEEDS : speed;
	if (vls)
		end->operational_vls = vls;
	if (down_default)
		end->down_default = down_default;
	WRITE_ONCE(end->neighbor_mtu, info->neighbormtu_mastersmsl >> 4);
	WRITE_ONCE(end->enforce, info->operationalvl_pei_peo_fpi_fpo & 0x0f);
	end->vl_high_limit = info->vl_high_limit;
	end->stall_hoq_life = info->vlstallcnt_hoqlife;
	end->error_thresholds = info->localphyerrors_overrunerrors;
	end->init_type_reply = info->inittypereply_mtucap >> 4;
}

static void sib_tell(struct sib_port *port, unsigned int changed, bool reregister)
{
	if (changed & CHANGED_LID)
		sib_port_event(port, IB_EVENT_LID_CHANGE);
	if (changed & CHANGED_PREFIX)
		sib_port_event(port, IB_EVENT_GID_CHANGE);
	if (changed & CHANGED_SM)
		sib_port_event(port, IB_EVENT_SM_CHANGE);
	if (reregister)
		sib_port_event(port, IB_EVENT_CLIENT_REREGISTER);
}

/* The reply leaves before the port is disabled, but it already reports that state. */
static void sib_announce_disabled(struct ib_port_info *reply)
{
	reply->linkspeed_portstate = (reply->linkspeed_portstate & 0xf0) | IB_PORT_DOWN;
	reply->portphysstate_linkdown = IB_PORT_PHYS_STATE_DISABLED << 4 |
					(reply->portphysstate_linkdown & 0x0f);
}

u16 sib_portinfo_set(struct sib_node *node, struct ib_smp *smp)
{
	bool reregister, managed, port0;
	struct ib_port_info info, *reply;
	enum link_action action;
	unsigned int changed = 0;
	struct sib_link_end *end;
	struct sib_port *port;
	unsigned long flags;
	u16 status;
	u8 state;

	status = sib_find_end(node, smp, &end);
	if (status)
		return status;
	memcpy(&info, smp->data, sizeof(info));
	managed = sib_is_managed(node, end);
	port0 = sib_is_port0(node, end);
	port = sib_end_to_port(end);
	reregister = port && (info.clientrereg_resv_subnetto & SIB_REREGISTER);

	spin_lock_irqsave(&end->lock, flags);
	if ((managed && !sib_managed_valid(node, end, &info)) ||
	    (!port0 && !sib_link_valid(end, &info)) || !sib_link_command(&info, &action, &state)) {
		spin_unlock_irqrestore(&end->lock, flags);
		return INVALID;
	}
	if (managed)
		changed = sib_set_managed(end, &info);
	if (!port0)	/* port 0 has no link */
		sib_set_link(end, &info);
	spin_unlock_irqrestore(&end->lock, flags);

	if (port)
		sib_tell(port, changed, false);
	if (!port0 && state != IB_PORT_NOP && sib_link_set_state(end, state))
		return INVALID;
	if (port)
		sib_tell(port, 0, reregister);
	if (!port0)
		sib_link_act(node, end, action);
	sib_fill(node, end, smp);
	reply = (struct ib_port_info *)smp->data;
	if (reregister)
		reply->clientrereg_resv_subnetto |= SIB_REREGISTER;
	if (node->disable)
		sib_announce_disabled(reply);
	return 0;
}
