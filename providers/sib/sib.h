/* SPDX-License-Identifier: GPL-2.0 */
/*
 * sib is software InfiniBand. It simulates hosts (struct sib_device) with one or two ports. Each
 * port is cabled to one external port of a switch (struct sib_switch). See README.md.
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
#define SIB_MAX_PORTS		2	/* per host; OpenSM cannot bind to a CA with more */
#define SIB_SWITCH_PORTS	(SIB_MAX_HOSTS * SIB_MAX_PORTS)
#define SIB_PKEYS		16
#define SIB_GUIDS		8
#define SIB_LFT_SIZE		0xc000	/* unicast LIDs */
#define SIB_MFT_SIZE		4096	/* multicast LIDs from 0xc000 on */
#define SIB_MFT_POSITIONS	16	/* 16 ports each */
#define SIB_NO_PORT		0xff	/* in the LFT: drop the packet */
#define SIB_PERMISSIVE_LID	0xffff
#define SIB_MGMT_CLASSES	256
#define SIB_VL_CAP		4	/* as in PortInfo: VL0 to VL7 */
#define SIB_VENDOR_ID		0x025349	/* a locally administered OUI */
/*
 * Locally administered, "rdma". Not 0x02, with which the service IDs begin that ib_cm assigns by
 * itself: ib_srpt listens on a GUID.
 */
#define SIB_GUID_BASE		0x0672646d61000000ULL

/* These bits of PortInfo's CapabilityMask are always set. */
#define SIB_SWITCH_CAP_MASK	(IB_PORT_TRAP_SUP | IB_PORT_SL_MAP_SUP | IB_PORT_LED_INFO_SUP | \
				 IB_PORT_SYS_IMAGE_GUID_SUP | IB_PORT_DR_NOTICE_SUP)
#define SIB_HCA_CAP_MASK	(SIB_SWITCH_CAP_MASK | IB_PORT_CM_SUP | IB_PORT_CLIENT_REG_SUP | \
				 IB_PORT_CAP_MASK_NOTICE_SUP | IB_PORT_OTHER_LOCAL_CHANGES_SUP)

/* These are the counters that PMA reports for one end of a link. */
enum sib_counter {
	SIB_XMIT_DATA,		/* in units of 4 bytes, headers included */
	SIB_RCV_DATA,
	SIB_XMIT_PKTS,
	SIB_RCV_PKTS,
	SIB_UNICAST_XMIT_PKTS,	/* not counted: all packets less the multicast ones */
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
 * One end of a link: a port of an HCA or of the switch, or the switch's management port 0. It holds
 * what PortInfo reports. Writers take @lock; the data path reads single fields with READ_ONCE().
 */
struct sib_link_end {
	struct sib_fabric *fabric;
	spinlock_t lock;
	u8 port_num;		/* number on its node; 0 is the switch's management port */
	u8 state;		/* enum ib_port_state */
	u8 phys_state;		/* enum ib_port_phys_state */
	u8 down_default;	/* LinkDownDefaultState: 1 sleep, 2 polling */
	bool admin_down;	/* disabled by debugfs or by the SM */
	u8 mtu_cap;		/* enum ib_mtu */
	u8 neighbor_mtu;	/* enum ib_mtu, set by the SM */
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
	bool mkey_leasing;	/* the lease period is running and ends at mkey_lease_end */
	unsigned long mkey_lease_end;
	u8 lmc;
	u8 sm_sl;
	u8 mkey_protect;
	u8 subnet_timeout;
	u16 lid;
	u16 sm_lid;
	u16 mkey_lease_period;
	u16 mkey_violations;
	u16 pkey_violations;	/* unused on HCA ports: struct rvt_ibport has these two */
	u16 qkey_violations;
	u32 cap_mask;
	__be64 mkey;
	__be64 gid_prefix;
	u16 pkey[SIB_PKEYS];
	u8 sl_to_vl[8];		/* 4 bits each; the switch has struct sib_switch.sl_to_vl */
	u8 vl_arb[4][64];	/* VLArbitration blocks 1 to 4 */
	struct sib_counters __percpu *counters;
	u64 counter_base[2][SIB_COUNTERS];	/* zero of PortCounters and of [1] Extended */
};

/* These notices can be pending at a node, one of each kind. */
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

/* This is the work that the management agent of an HCA port or of the switch does later. */
struct sib_agent {
	struct sib_link_end *end;	/* an HCA port's end, or the switch's port 0 */
	spinlock_t lock;
	bool running;
	u64 tid;
	struct sib_trap trap[SIB_TRAP_SLOTS];
	struct delayed_work trap_work;
	struct delayed_work disable_work;	/* disables @end after the reply has left */
};

/* Faults of one HCA port. debugfs can change them while traffic runs. */
struct sib_faults {
	u32 drop_per_million;			/* packets other than MADs, in each direction */
	u32 mad_drop_per_million[SIB_MGMT_CLASSES];
	u32 mad_delay_ms[SIB_MGMT_CLASSES];
};

struct sib_port {
	struct rvt_ibport rvp;
	struct sib_link_end end;
	struct sib_agent agent;
	struct sib_device *device;
	u8 port_num;		/* number on the device, from 1 */
	u8 switch_port;		/* the switch port at the other end of its cable */
	bool registered;	/* with the RDMA core, so that events can name a device */
	__be64 guid[SIB_GUIDS];	/* [0] is the port GUID */
	struct sib_faults faults;
};

struct sib_device {
	struct rvt_dev_info rdi;	/* must be first, for rvt_alloc_device() */
	struct sib_fabric *fabric;
	unsigned int unit;
	unsigned int num_ports;
	struct platform_device *host;	/* parent of the device and of its netdevs */
	struct pci_dev *pci;		/* not a real one: rdmavt needs its name for messages */
	struct rvt_mregion *dma;	/* all memory of the kernel */
	int (*rvt_destroy_cq)(struct ib_cq *ibcq, struct ib_udata *udata);
	struct sib_port port[SIB_MAX_PORTS];
};

/*
 * A UD packet on the wire. Its ingress is a switch port number and not a pointer, because the port
 * may be gone by the time a queued packet is looked at.
 */
struct sib_packet {
	struct list_head list;
	unsigned long due;	/* in jiffies; only for delayed packets */
	u16 slid;
	u16 dlid;
	u16 pkey;
	u8 sl;
	u8 ingress;		/* switch port, or 0 if the switch itself sent it */
	bool solicited;
	bool has_grh;
	bool has_imm;
	u16 mcast_ports[SIB_MFT_POSITIONS];	/* where the switch sends multicast */
	__be32 imm;
	u32 src_qpn;
	u32 dest_qpn;
	u32 qkey;
	struct ib_grh grh;
	u32 length;
	u8 data[];
};

/* Packets that wait for a worker. There are at most @max of them. */
struct sib_queue {
	struct sib_fabric *fabric;
	/* consumes the packet */
	void (*serve)(struct sib_fabric *fabric, struct sib_packet *packet);
	spinlock_t lock;
	struct list_head packets;
	unsigned int length;
	unsigned int max;
	struct work_struct work;
};

struct sib_switch_port {
	struct sib_link_end end;
	struct sib_port __rcu *peer;	/* NULL while its host is absent */
};

struct sib_switch {
	__be64 guid;
	unsigned int num_ports;		/* external ports, 1 to num_ports */
	struct sib_link_end port0;	/* has the LID, M_Key and cap_mask of the switch */
	struct sib_switch_port port[SIB_SWITCH_PORTS + 1];	/* [0] is unused */
	char node_desc[IB_DEVICE_NODE_DESC_MAX];
	struct sib_agent agent;

	spinlock_t lock;		/* protects the fields down to sl_to_vl */
	bool port_state_change;
	u8 life_time;
	u8 mcast_default_port;
	u8 mcast_not_primary_port;
	u16 lft_top;
	u8 lft[SIB_LFT_SIZE];
	u16 mft[SIB_MFT_POSITIONS][SIB_MFT_SIZE];
	/* by input and output port */
	u8 sl_to_vl[SIB_SWITCH_PORTS + 1][SIB_SWITCH_PORTS + 1][8];

	struct sib_queue mads;		/* for the switch itself */
};

struct sib_fabric {
	struct sib_switch sw;
	unsigned int num_hosts;
	unsigned int ports_per_host;
	enum ib_mtu mtu;
	/* protects the state of all links; taken outside end->lock */
	spinlock_t link_lock;
	struct sib_device *device[SIB_MAX_HOSTS];
	/* for the send work of QPs, which may run in parallel */
	struct workqueue_struct *wq;
	struct workqueue_struct *fanout_wq;	/* for multicast, the switch's MADs and delays */

	struct sib_queue mcast;

	spinlock_t delay_lock;
	struct list_head delay_queue;		/* sorted by due time */
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

/*
 * Sets the greatest width and speed that both ends allow. Returns false if there are none, so that
 * the link cannot train.
 */
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
/*
 * Changes the administrative state of one end, which trains the link or takes it down. May be
 * called in any context.
 */
void sib_link_set_admin(struct sib_link_end *end, bool down);
/*
 * The other end of the link, or NULL for switch port 0 and where there is no cable. Called under
 * RCU.
 */
struct sib_link_end *sib_link_peer(struct sib_link_end *end);
/*
 * The SM changes the port's logical state (PortInfo). Returns -EINVAL if the state machine forbids
 * it.
 */
int sib_link_set_state(struct sib_link_end *end, u8 state);
/*
 * Connect or disconnect a host's ports. Disconnecting waits until nobody can find the ports any
 * more.
 */
void sib_link_attach(struct sib_device *device);
void sib_link_detach(struct sib_device *device);
/* The HCA port that @end belongs to, or NULL if @end is on the switch. */
struct sib_port *sib_end_to_port(struct sib_link_end *end);
void sib_port_event(struct sib_port *port, enum ib_event_type type);

/* wire.c: routing and delivery of packets */
int sib_wire_init(struct sib_fabric *fabric);
void sib_wire_exit(struct sib_fabric *fabric);
struct sib_packet *sib_packet_alloc(u32 length, gfp_t gfp);
void sib_packets_free(struct list_head *packets);
/* Sends a packet from an HCA port and consumes it. May be called in any context. */
void sib_wire_send(struct sib_port *port, struct sib_packet *packet);
/*
 * Sends a packet out of an external switch port, or by the LFT if @out is 0. Consumes the packet.
 */
void sib_switch_send(struct sib_fabric *fabric, u8 out, struct sib_packet *packet);
/*
 * The HCA port that a packet from @port to unicast @dlid reaches through the switch's tables, or
 * NULL. All ends on the way must be ACTIVE and let @pkey pass. Called under RCU.
 */
struct sib_port *sib_wire_route(struct sib_port *port, u16 dlid, u16 pkey);
/* How many of @packets get through before the first one that is dropped on purpose? */
u32 sib_wire_survivors(struct sib_port *from, struct sib_port *to, u32 packets);
void sib_wire_count(struct sib_port *from, struct sib_port *to, u32 packets, u64 bytes);

/*
 * True if packets with @a reach a QP or table entry with @b: they have the same base, and at least
 * one is a full member.
 */
static inline bool sib_pkey_match(u16 a, u16 b)
{
	return (a & 0x7fff) && (a & 0x7fff) == (b & 0x7fff) && ((a | b) & 0x8000);
}

/*
 * True if the switch lets packets with @pkey pass at its port @end. This is partition enforcement,
 * and it applies only if the SM has turned it on. It does not apply to SMPs. The table is that of
 * the port's host. A packet from the host must carry a membership that the host has. A packet to
 * the host must match as it would at the host itself. A refused packet counts as a constraint
 * error.
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
/* Consumes the packet, or returns false if the queue is full. May be called in any context. */
bool sib_queue_add(struct sib_queue *queue, struct sib_packet *packet);
/* Drops all waiting packets. Nobody may add a packet after this. */
void sib_queue_stop(struct sib_queue *queue);

/* switch.c: the switch's own MADs */
int sib_switch_init(struct sib_fabric *fabric);
/*
 * A MAD for the switch, by directed route or to its LID, arrived at switch port @packet->ingress.
 * Consumes the packet.
 */
void sib_switch_receive(struct sib_fabric *fabric, struct sib_packet *packet);
/* Frees what is queued. Called when nothing can send any more. */
void sib_switch_exit(struct sib_fabric *fabric);

/* mad.c, sma.c, portinfo.c, pma.c: management agents of HCAs and switch */
/* @end is an HCA port's end or the switch's port 0. The agent works between these two calls. */
void sib_agent_start(struct sib_agent *agent, struct sib_link_end *end);
void sib_agent_stop(struct sib_agent *agent);
int sib_process_mad(struct ib_device *ibdev, int mad_flags, u32 port_num, const struct ib_wc *in_wc,
		    const struct ib_grh *in_grh, const struct ib_mad *in, struct ib_mad *out,
		    size_t *out_size, u16 *out_pkey_index);

/* trap.c: notices to the SM */
void sib_trap_link_state(struct sib_fabric *fabric);			/* 128, from the switch */
void sib_trap_cap_mask(struct sib_port *port);				/* 144 */
void sib_trap_node_desc(struct sib_port *port);				/* 144 */
/* A packet carried a P_Key or Q_Key that does not match. This also counts it in PortInfo. */
void sib_trap_bad_key(struct sib_port *port, bool pkey, u32 key, u16 slid, u16 dlid, u32 src_qpn,
		      u32 dest_qpn, u8 sl);				/* 257, 258 */

/* mmap.c */
int sib_mmap(struct ib_ucontext *context, struct vm_area_struct *vma);

/* cq.c */
void sib_cq_init(struct sib_device *device);

/* dma.c */
int sib_dma_init(struct sib_device *device);
void sib_dma_begin(struct sib_device *device);
void sib_dma_end(struct sib_device *device);
void sib_dma_free(struct sib_device *device);

/* ud.c */
/* A packet arrived at an HCA port. Does not consume it. Called under RCU, in any context. */
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
