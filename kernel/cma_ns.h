/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * rdma_cm resolves a connection request as the IP stack resolves a packet. Step 1 finds the netdev
 * on which it arrived, step 2 asks whether route input would deliver it, and step 3 chooses the
 * listener that accepts it. The semantic patches in hooks/ call the functions that are declared
 * here and in the headers named here.
 */
#ifndef CMA_NS_H
#define CMA_NS_H

#include <linux/netdevice.h>
#include <rdma/ib_cm.h>
#include <rdma/iw_cm.h>
#include <rdma/rdma_cm.h>

#include "cma_priv.h"
#include "cma_address.h"
#include "cma_bind.h"
#include "cma_choice.h"
#include "cma_devices.h"
#include "cma_exchange.h"
#include "cma_iwarp.h"
#include "cma_neighbour.h"
#include "cma_ns_id.h"
#include "cma_reply.h"
#include "cma_request.h"
#include "cma_retry.h"
#include "cma_route.h"
#include "cma_settings.h"
#include "cma_verdict.h"
#include <ipoib_ns_query.h>

struct kernel_param;
struct kernel_param_ops;
struct seq_file;

/* cma_ns_main.c */
int cma_ns_init(void);
void cma_ns_exit(void);
void cma_ns_forget(struct rdma_id_private *id);
const char *cma_ns_policy_word(enum rdma_user_cm_ns_policy policy);
bool cma_ns_is_administrator(void);
extern const struct kernel_param_ops cma_ns_bool_ops; /* only the administrator sets it */
int cma_ns_set_counter(const char *value, const struct kernel_param *parameter);
bool cma_ns_explaining(void);
void cma_ns_count(const struct cma_ns_request *request);

/* cma_stock_ipoib.c: an ib_core and perhaps an ib_ipoib that know nothing of all this */
bool cma_ns_ipoib_answers(void);
struct net_device *cma_ns_by_query(struct ib_device *device, u32 port, u16 pkey, u32 qpn,
				   const union ib_gid *gid, const struct sockaddr *destination,
				   struct ipoib_ns_answer *answer);
struct net_device *cma_ns_ask_stock(struct cma_ns_request *request, struct ib_device *device,
				    const union ib_gid *gid, const struct sockaddr *destination,
				    struct net_device *alone);

/* cma_listeners.c: the file that shows them */
int cma_ns_listeners_init(void);
void cma_ns_listeners_exit(void);
void cma_ns_show_listener(const struct rdma_id_private *id, struct seq_file *file);
/* In cma.c, from hooks/cma_ns_show_ids.cocci: calls this for each id that has a port of @ps. */
void cma_ns_show_ids(struct net *net, enum rdma_ucm_port_space ps, struct seq_file *file);

/* cma_verdict.c: the reference on a listener */
struct rdma_id_private *cma_ns_hold(struct rdma_id_private *listener);
void cma_ns_put_listener(struct rdma_id_private *listener);

/*
 * The device of an id was removed. Must its pending operation be cancelled while the id's mutex is
 * held? For other operations the mutex must be free, because cancelling them waits for handlers
 * that take it.
 */
static inline bool cma_ns_cancel_at_once(enum rdma_cm_state state)
{
	return state == RDMA_CM_ROUTE_QUERY;
}

#endif
