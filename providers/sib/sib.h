/* SPDX-License-Identifier: GPL-2.0 */
/*
 * sib: software InfiniBand. Hosts (struct sib_device) of one or two ports, each port cabled to one
 * external port of a switch (struct sib_switch). See README.md.
 */
#ifndef SIB_H
#define SIB_H

#include <linux/bitmap.h>
#include <linux/percpu.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <rdma/ib_mad.h>
#include <rdma/ib_smi.h>
#include <rdma/ib_verbs.h>
#include <rdma/rdma_vt.h>
#include <rdma/rdmavt_qp.h>

#define SIB_MAX_HOSTS		64
#define SIB_MAX_PORTS		2	/* per host: OpenSM cannot bind to a CA with more */
#define SIB_SWITCH_PORTS	(SIB_MAX_HOSTS * SIB_MAX_PORTS)
#define SIB_PKEYS		16
#define SIB_GUIDS		8
#define SIB_LFT_SIZE		0xc000	/* unicast LIDs */
#define SIB_MFT_SIZE		4096	/* multicast LIDs from 0xc000 on */
#define SIB_MFT_POSITIONS	16	/* 16 ports each */
#define SIB_NO_PORT		0xff	/* LFT: drop */
#define SIB_PERMISSIVE_LID	0xffff
#define SIB_MGMT_CLASSES	256
#define SIB_VL_CAP		4	/* as in PortInfo: VL0 to VL7 */
#define SIB_VENDOR_ID		0x025349	/* a locally administered OUI */
/*
 * Locally administered, "rdma". Not 0x02, with which the service IDs begin that ib_cm assigns by
 * itself: ib_srpt listens on a GUID.
 */
#define SIB_GUID_BASE		0x0672646d61000000ULL

/* PortInfo CapabilityMask bits that are always set */
#define SIB_SWITCH_CAP_MASK	(IB_PORT_TRAP_SUP | IB_PORT_SL_MAP_SUP | IB_PORT_LED_INFO_SUP | \
				 IB_PORT_SYS_IMAGE_GUID_SUP | IB_PORT_DR_NOTICE_SUP)
#define SIB_HCA_CAP_MASK	(SIB_SWITCH_CAP_MASK | IB_PORT_CM_SUP | IB_PORT_CLIENT_REG_SUP | \
				 IB_PORT_CAP_MASK_NOTICE_SUP | IB_PORT_OTHER_LOCAL_CHANGES_SUP)

/* What PMA reports of one end of a link. */
enum sib_counter {
	SIB_XMIT_DATA,		/* in units of 4 bytes, headers included */
	SIB_RCV_DATA,
	SIB_XMIT_PKTS,
	SIB_RCV_PKTS,
	SIB_UNICAST_XMIT_PKTS,	/* the unicast ones are what is left of all, not counted */
	SIB_UNICAST_RCV_PKTS,
	SIB_MULTICAST_XMIT_PKTS,
	SIB_MULTICAST_RCV_PKTS,
	SIB_XMIT_DISCARDS,
	SIB_RCV_ERRORS,
	SIB_RCV_SWITCH_RELAY_ERRORS,
	SIB_RCV_CONSTRAINT_ERRORS,
	SIB_XMIT_CONSTRAINT_ERRORS,
	SIB_LINK_DOWNED,
	SIB_VL15_DROPPED,
	SIB_COUNTERS
};

struct sib_counters {
	u64 n[SIB_COUNTERS];
};

/*
 * One end of a link, on an HCA or on the switch; for the switch also its management port 0.
 * Holds what PortInfo says of it. @lock protects writers; the data path reads single fields with
 * READ_ONCE().
 */
struct sib_link_end {
	struct sib_fabric *fabric;
	spinlock_t lock;
	u8 port_num;		/* on its node; 0 is the switch's management port */
	u8 state;		/* enum ib_port_state */
	u8 phys_state;		/* enum ib_port_phys_state */
	u8 down_default;	/* LinkDownDefaultState: 1 sleep, 2 polling */
	bool admin_down;	/* disabled by debugfs or by the SM */
	u8 mtu_cap;		/* enum ib_mtu */
	u8 neighbor_mtu;	/* enum ib_mtu, what the SM set */
	u8 operational_vls;
	u8 vl_high_limit;
	u8 link_width_enabled;
	u8 link_speed_enabled;
	u8 link_width_active;	/* both 0 until the link has trained */
	u8 link_speed_active;
	u8 stall_hoq_life;	/* VLStallCount and HOQLife as in PortInfo */
	u8 enforce;		/* partition enforcement and raw filters as in PortInfo */
	u8 error_thresholds;	/* LocalPhyErrors and OverrunErrors as in PortInfo */
	u8 init_type_reply;
	bool led;
	bool mkey_leasing;	/* the lease period ends at mkey_lease_end */
	unsigned long mkey_lease_end;
	u8 lmc;
	u8 sm_sl;
	u8 mkey_protect;
	u8 subnet_timeout;
	u16 lid;
	u16 sm_lid;
	u16 mkey_lease_period;
	u16 mkey_violations;
	u16 pkey_violations;	/* of an HCA port: struct rvt_ibport has these two */
	u16 qkey_violations;
	u32 cap_mask;
	__be64 mkey;
	__be64 gid_prefix;
	u16 pkey[SIB_PKEYS];
	u8 sl_to_vl[8];		/* 4 bits each; the switch has struct sib_switch.sl_to_vl */
	u8 vl_arb[4][64];	/* VLArbitration blocks 1 to 4 */
	struct sib_counters __percpu *counters;
	u64 counter_base[2][SIB_COUNTERS];	/* where PortCounters, [1] Extended, count from */
};

/* Notices that a node can have pending, one of each. */
enum sib_trap_slot {
	SIB_TRAP_LINK_STATE,
	SIB_TRAP_CAP_MASK,
	SIB_TRAP_NODE_DESC,
	SIB_TRAP_BAD_MKEY,
	SIB_TRAP_BAD_PKEY,
	SIB_TRAP_BAD_QKEY,
	SIB_TRAP_SLOTS
};

struct sib_trap {
	bool pending;
	u8 sends;
	unsigned long due;	/* jiffies */
	unsigned long sent;
	u64 tid;
	u8 notice[IB_SMP_DATA_SIZE];
};

/* What the management agent of an HCA port or of the switch does later. */
struct sib_agent {
	struct sib_link_end *end;	/* the HCA port's, or the switch's port 0 */
	spinlock_t lock;
	bool running;
	u64 tid;
	struct sib_trap trap[SIB_TRAP_SLOTS];
	struct delayed_work trap_work;
	struct delayed_work disable_work;	/* of @end, once the reply has left */
};

/* Faults of one HCA port, changed by debugfs while traffic runs. */
struct sib_faults {
	u32 drop_per_million;			/* packets other than MADs, each direction */
	u32 mad_drop_per_million[SIB_MGMT_CLASSES];
	u32 mad_delay_ms[SIB_MGMT_CLASSES];
};

struct sib_port {
	struct rvt_ibport rvp;
	struct sib_link_end end;
	struct sib_agent agent;
	struct sib_device *device;
	u8 port_num;		/* on the device, from 1 */
	u8 switch_port;		/* the other end of its cable */
	bool registered;	/* with the RDMA core: events have a device to name */
	__be64 guid[SIB_GUIDS];	/* [0] is the port GUID */
	struct sib_faults faults;
};

struct sib_device {
	struct rvt_dev_info rdi;	/* first: rvt_alloc_device() */
	struct sib_fabric *fabric;
	unsigned int unit;
	unsigned int num_ports;
	struct platform_device *host;	/* parent of the device and of its netdevs */
	struct pci_dev *pci;		/* never a real one: rdmavt's messages need its name */
	struct sib_port port[SIB_MAX_PORTS];
};

/*
 * A UD packet on the wire. The ingress is a switch port number, not a pointer: the port can be
 * gone when a queued packet is looked at.
 */
struct sib_packet {
	struct list_head list;
	unsigned long due;	/* jiffies; delayed packets only */
	u16 slid;
	u16 dlid;
	u16 pkey;
	u8 sl;
	u8 ingress;		/* switch port; 0 if the switch itself sent it */
	bool solicited;
	bool has_grh;
	bool has_imm;
	__be32 imm;
	u32 src_qpn;
	u32 dest_qpn;
	u32 qkey;
	struct ib_grh grh;
	u32 length;
	u8 data[];
};

/* Packets that wait for a worker, at most @max of them. */
struct sib_queue {
	struct sib_fabric *fabric;
	void (*serve)(struct sib_fabric *fabric, struct sib_packet *packet);	/* consumes it */
	spinlock_t lock;
	struct list_head packets;
	unsigned int length;
	unsigned int max;
	struct work_struct work;
};

struct sib_switch_port {
	struct sib_link_end end;
	struct sib_port __rcu *peer;	/* NULL while its host is not there */
};

struct sib_switch {
	__be64 guid;
	unsigned int num_ports;		/* external ports, 1 to num_ports */
	struct sib_link_end port0;	/* LID, M_Key, cap_mask of the switch */
	struct sib_switch_port port[SIB_SWITCH_PORTS + 1];	/* [0] unused */
	char node_desc[IB_DEVICE_NODE_DESC_MAX];
	struct sib_agent agent;

	spinlock_t lock;		/* the fields down to sl_to_vl */
	bool port_state_change;
	u8 life_time;
	u8 mcast_default_port;
	u8 mcast_not_primary_port;
	u16 lft_top;
	u8 lft[SIB_LFT_SIZE];
	u16 mft[SIB_MFT_POSITIONS][SIB_MFT_SIZE];
	u8 sl_to_vl[SIB_SWITCH_PORTS + 1][SIB_SWITCH_PORTS + 1][8];	/* by input, output */

	struct sib_queue mads;		/* for the switch itself */
};

struct sib_fabric {
	struct sib_switch sw;
	unsigned int num_hosts;
	unsigned int ports_per_host;
	enum ib_mtu mtu;
	spinlock_t link_lock;			/* the state of all links; outside end->lock */
	struct sib_device *device[SIB_MAX_HOSTS];
	struct workqueue_struct *wq;		/* QPs' send work, may run in parallel */
	struct workqueue_struct *fanout_wq;	/* multicast, MADs of the switch, delays */

	struct sib_queue mcast;

	spinlock_t delay_lock;
	struct list_head delay_queue;		/* sorted by due */
	struct delayed_work delay_work;

	struct dentry *debugfs;
};

static inline struct sib_device *to_sib(struct ib_device *ibdev)
{
	return container_of(ib_to_rvt(ibdev), struct sib_device, rdi);
}

static inline struct sib_port *to_sib_port(struct rvt_qp *qp)
{
	return &to_sib(qp->ibqp.device)->port[qp->port_num - 1];
}

static inline void sib_count(struct sib_link_end *end, enum sib_counter counter, u64 by)
{
	this_cpu_add(end->counters->n[counter], by);
}

/* The widest and fastest that both ends allow, or false: the link cannot train. */
static inline bool sib_link_negotiate(struct sib_link_end *a, struct sib_link_end *b)
{
	int width = fls(a->link_width_enabled & b->link_width_enabled);
	int speed = fls(a->link_speed_enabled & b->link_speed_enabled);

	if (!width || !speed)
		return false;
	a->link_width_active = b->link_width_active = 1 << (width - 1);
	a->link_speed_active = b->link_speed_active = 1 << (speed - 1);
	return true;
}

#define SIB_ENFORCE_INBOUND	0x08	/* bits of @enforce */
#define SIB_ENFORCE_OUTBOUND	0x04

/* link.c: the state of links */
int sib_link_end_init(struct sib_link_end *end, struct sib_fabric *fabric, u8 port_num);
void sib_link_end_free(struct sib_link_end *end);
u64 sib_count_sum(struct sib_link_end *end, enum sib_counter counter);
/* Administrative state of one end; trains or drops the link. Any context. */
void sib_link_set_admin(struct sib_link_end *end, bool down);
/* The link's other end, or NULL (switch port 0, no cable). RCU. */
struct sib_link_end *sib_link_peer(struct sib_link_end *end);
/* The SM moved the port's logical state (PortInfo). -EINVAL if the state machine forbids it. */
int sib_link_set_state(struct sib_link_end *end, u8 state);
/* Connect or disconnect a host's ports; disconnecting waits until nobody can find the port. */
void sib_link_attach(struct sib_device *device);
void sib_link_detach(struct sib_device *device);
/* The HCA port that @end belongs to, or NULL for an end on the switch. */
struct sib_port *sib_end_to_port(struct sib_link_end *end);
void sib_port_event(struct sib_port *port, enum ib_event_type type);

/* wire.c: routing and delivery of packets */
int sib_wire_init(struct sib_fabric *fabric);
void sib_wire_exit(struct sib_fabric *fabric);
struct sib_packet *sib_packet_alloc(u32 length, gfp_t gfp);
void sib_packets_free(struct list_head *packets);
/* Send a packet from an HCA port. Consumes it. Any context. */
void sib_wire_send(struct sib_port *port, struct sib_packet *packet);
/* Send a packet out of an external switch port, or by LFT when @out is 0. Consumes it. */
void sib_switch_send(struct sib_fabric *fabric, u8 out, struct sib_packet *packet);
/*
 * The HCA port that unicast @dlid reaches from @port through the switch's tables, all ends ACTIVE
 * and letting @pkey pass, or NULL. RCU.
 */
struct sib_port *sib_wire_route(struct sib_port *port, u16 dlid, u16 pkey);
/* How many of @packets get through before the first one that is dropped on purpose. */
u32 sib_wire_survivors(struct sib_port *from, struct sib_port *to, u32 packets);
void sib_wire_count(struct sib_port *from, struct sib_port *to, u32 packets, u64 bytes);

/* True if packets with @a reach a QP or table entry with @b: same base, one a full member. */
static inline bool sib_pkey_match(u16 a, u16 b)
{
	return (a & 0x7fff) && (a & 0x7fff) == (b & 0x7fff) && ((a | b) & 0x8000);
}

/*
 * True if the switch lets packets with @pkey pass at its port @end: partition enforcement, when the
 * SM turned it on. Not for SMPs. The table is that of the port's host: what comes from there must
 * carry a membership that the host has, what goes there must match as at the host itself. What is
 * refused counts as constraint error.
 */
static inline bool sib_switch_admits(struct sib_link_end *end, u16 pkey, bool inbound)
{
	unsigned int i;

	if (!(READ_ONCE(end->enforce) & (inbound ? SIB_ENFORCE_INBOUND : SIB_ENFORCE_OUTBOUND)))
		return true;
	for (i = 0; i < SIB_PKEYS; i++) {
		u16 entry = READ_ONCE(end->pkey[i]);

		if (inbound ? (pkey & 0x7fff) && (entry == pkey || entry == (pkey | 0x8000)) :
			      sib_pkey_match(entry, pkey))
			return true;
	}
	sib_count(end, inbound ? SIB_RCV_CONSTRAINT_ERRORS : SIB_XMIT_CONSTRAINT_ERRORS, 1);
	return false;
}

/* queue.c */
void sib_queue_init(struct sib_queue *queue, struct sib_fabric *fabric, unsigned int max,
		    void (*serve)(struct sib_fabric *fabric, struct sib_packet *packet));
/* Consumes the packet, or returns false if the queue is full. Any context. */
bool sib_queue_add(struct sib_queue *queue, struct sib_packet *packet);
/* Drops what waits. Nobody may add anything any more. */
void sib_queue_stop(struct sib_queue *queue);

/* switch.c: the switch's own MADs */
int sib_switch_init(struct sib_fabric *fabric);
/*
 * A MAD for the switch (directed route, or to its LID) from link port @packet->ingress. Consumes
 * it.
 */
void sib_switch_receive(struct sib_fabric *fabric, struct sib_packet *packet);
/* Frees what is queued; called when nothing can send any more. */
void sib_switch_exit(struct sib_fabric *fabric);

/* mad.c, sma.c, portinfo.c, pma.c: management agents of HCAs and switch */
/* @end is the HCA port's, or the switch's port 0. Between the two calls the agent works. */
void sib_agent_start(struct sib_agent *agent, struct sib_link_end *end);
void sib_agent_stop(struct sib_agent *agent);
int sib_process_mad(struct ib_device *ibdev, int mad_flags, u32 port_num, const struct ib_wc *in_wc,
		    const struct ib_grh *in_grh, const struct ib_mad *in, struct ib_mad *out,
		    size_t *out_size, u16 *out_pkey_index);

/* trap.c: notices to the SM */
void sib_trap_link_state(struct sib_fabric *fabric);			/* 128, from the switch */
void sib_trap_cap_mask(struct sib_port *port);				/* 144 */
void sib_trap_node_desc(struct sib_port *port);				/* 144 */
/* A packet carried a P_Key or Q_Key that does not fit. Counts it in PortInfo, too. */
void sib_trap_bad_key(struct sib_port *port, bool pkey, u32 key, u16 slid, u16 dlid, u32 src_qpn,
		      u32 dest_qpn, u8 sl);				/* 257, 258 */

/* mmap.c */
int sib_mmap(struct ib_ucontext *context, struct vm_area_struct *vma);

/* ud.c */
/* A packet arrived at an HCA port. Does not consume it. RCU, any context. */
void sib_ud_receive(struct sib_port *port, const struct sib_packet *packet);

/* device.c */
int sib_device_create(struct sib_fabric *fabric, unsigned int unit);
void sib_device_destroy(struct sib_device *device);

/* stats.c */
struct rdma_hw_stats *sib_alloc_hw_port_stats(struct ib_device *ibdev, u32 port_num);
int sib_get_hw_stats(struct ib_device *ibdev, struct rdma_hw_stats *stats, u32 port_num, int index);

/* debugfs.c */
void sib_debugfs_init(struct sib_fabric *fabric);
void sib_debugfs_exit(struct sib_fabric *fabric);

#endif
