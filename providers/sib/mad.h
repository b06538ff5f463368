/* SPDX-License-Identifier: GPL-2.0 */
/* The management agents (mad.c, sma.c, portinfo.c, pma.c, trap.c) and switch.c share this. */
#ifndef SIB_MAD_H
#define SIB_MAD_H

#include "sib.h"

#define SIB_DEVICE_ID		1
#define SIB_REVISION		1
#define SIB_NO_REPLY		0xffff	/* not a MAD status: drop the MAD */

/* One management request, and the node that must answer it. */
struct sib_node {
	struct sib_fabric *fabric;
	/* the HCA port that it arrived at, or NULL for the switch */
	struct sib_port *port;
	/* that port's end, or the switch's port 0: has M_Key and LID */
	struct sib_link_end *end;
	struct sib_agent *agent;
	u8 ingress;			/* the number of the port that it arrived at */
	u16 slid;
	bool trusted;			/* the kernel sent it, so no M_Key is needed */
	struct sib_link_end *disable;	/* the end to disable after the reply has left */
};

enum sib_mad_result {
	SIB_MAD_DROP,
	SIB_MAD_PASS,	/* not for the agents: whoever registered for such MADs gets it */
	SIB_MAD_REPLY,	/* the MAD has been turned into the reply */
};

static inline bool sib_node_is_switch(const struct sib_node *node)
{
	return !node->port;
}

static inline struct sib_link_end *sib_switch_end(struct sib_switch *sw, unsigned int port_num)
{
	if (port_num > sw->num_ports)
		return NULL;
	return port_num ? &sw->port[port_num].end : &sw->port0;
}

/* mad.c */
enum sib_mad_result sib_smp_handle(struct sib_node *node, struct ib_smp *smp);
enum sib_mad_result sib_gmp_handle(struct sib_node *node, struct ib_mad *mad);
/* May this SMP read or write what @end's M_Key protects? If not, counts and reports a violation. */
bool sib_mkey_check(struct sib_node *node, struct sib_link_end *end,
		    const struct ib_smp *smp);
/* The port that an attribute modifier names. 0 names the HCA port that the MAD arrived at. */
struct sib_link_end *sib_node_end(struct sib_node *node, unsigned int port_num);

/* Attribute handlers return a MAD status or SIB_NO_REPLY. */
typedef u16 (*sib_smp_handler)(struct sib_node *node, struct ib_smp *smp);

/* sma.c */
u16 sib_smp_attribute(struct sib_node *node, struct ib_smp *smp);

/* portinfo.c */
u16 sib_portinfo_get(struct sib_node *node, struct ib_smp *smp);
u16 sib_portinfo_set(struct sib_node *node, struct ib_smp *smp);

/* pma.c */
u16 sib_pma_attribute(struct sib_node *node, struct ib_mad *mad);

/* trap.c */
void sib_trap_work(struct work_struct *work);
void sib_trap_bad_mkey(struct sib_node *node, const struct ib_smp *smp);
void sib_trap_switch_bad_key(struct sib_fabric *fabric, bool pkey, const struct sib_packet *packet);
/* True if @smp was about a notice of this agent. */
bool sib_trap_repress(struct sib_agent *agent, const struct ib_smp *smp);

#endif
