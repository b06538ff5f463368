// SPDX-License-Identifier: GPL-2.0
/*
 * What "rdma statistic" and hw_counters in sysfs say of a port. Unlike PMA's counters nobody can
 * clear them.
 */
#include "sib.h"

enum sib_stat {
	SIB_STAT_SENT_PKTS,
	SIB_STAT_RCVD_PKTS,
	SIB_STAT_SEND_DISCARDS,
	SIB_STAT_RCVD_DROPPED,
	SIB_STAT_SENT_RNR_NAKS,
	SIB_STAT_LOCAL_ACK_TIMEOUTS,
	SIB_STAT_LINK_DOWNED,
	SIB_STATS
};

/* Where other drivers count the same, the name is theirs. */
static const struct rdma_stat_desc sib_stat_descs[SIB_STATS] = {
	[SIB_STAT_SENT_PKTS] = { .name = "sent_pkts" },
	[SIB_STAT_RCVD_PKTS] = { .name = "rcvd_pkts" },
	[SIB_STAT_SEND_DISCARDS] = { .name = "send_discards" },
	[SIB_STAT_RCVD_DROPPED] = { .name = "rcvd_dropped" },
	[SIB_STAT_SENT_RNR_NAKS] = { .name = "sent_rnr_naks" },
	[SIB_STAT_LOCAL_ACK_TIMEOUTS] = { .name = "local_ack_timeout_err" },
	[SIB_STAT_LINK_DOWNED] = { .name = "link_downed" },
};

struct rdma_hw_stats *sib_alloc_hw_port_stats(struct ib_device *ibdev, u32 port_num)
{
	return rdma_alloc_hw_stats_struct(sib_stat_descs, SIB_STATS,
					  RDMA_HW_STATS_DEFAULT_LIFESPAN);
}

int sib_get_hw_stats(struct ib_device *ibdev, struct rdma_hw_stats *stats, u32 port_num, int index)
{
	struct sib_port *port;

	if (!port_num)
		return -EOPNOTSUPP;
	port = &to_sib(ibdev)->port[port_num - 1];
	stats->value[SIB_STAT_SENT_PKTS] = sib_count_sum(&port->end, SIB_XMIT_PKTS);
	stats->value[SIB_STAT_RCVD_PKTS] = sib_count_sum(&port->end, SIB_RCV_PKTS);
	stats->value[SIB_STAT_SEND_DISCARDS] = sib_count_sum(&port->end, SIB_XMIT_DISCARDS);
	stats->value[SIB_STAT_RCVD_DROPPED] = READ_ONCE(port->rvp.n_pkt_drops);
	stats->value[SIB_STAT_SENT_RNR_NAKS] = READ_ONCE(port->rvp.n_rnr_naks);
	stats->value[SIB_STAT_LOCAL_ACK_TIMEOUTS] = READ_ONCE(port->rvp.n_rc_timeouts);
	stats->value[SIB_STAT_LINK_DOWNED] = sib_count_sum(&port->end, SIB_LINK_DOWNED);
	return SIB_STATS;
}
