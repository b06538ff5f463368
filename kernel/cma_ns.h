/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * rdma_cm resolves a connection request as the IP stack resolves a packet. Step 1 finds the netdev
 * on which it arrived, step 2 asks whether route input would deliver it, and step 3 chooses the
 * listener that accepts it. The semantic patches in hooks/ call the functions that are declared
 * here.
 */
#ifndef CMA_NS_H
#define CMA_NS_H

#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <net/sock.h>
#include <rdma/ib_cm.h>
#include <rdma/iw_cm.h>
#include <rdma/rdma_cm.h>

#include "cma_priv.h"
#include "cma_address.h"
#include "cma_bind.h"
#include "cma_choice.h"
#include "cma_devices.h"
#include "cma_ns_id.h"
#include "cma_route.h"
#include <rdma/rdma_cm_ns_wire.h>

struct kernel_param_ops;
struct seq_file;

/* Refusals that no step decides. Peers and listeners are never told of them. */
enum cma_ns_refusal {
	CMA_NS_REFUSAL_MALFORMED = RDMA_USER_CM_NS_REASON_LAST + 1, /* not a request of rdma_cm */
	CMA_NS_REFUSAL_NOT_TAKEN, /* the listener has gone or is full, or there is no memory */
	CMA_NS_REFUSAL_LAST = CMA_NS_REFUSAL_NOT_TAKEN,
};

/* A connection request on its way through the steps. */
struct cma_ns_request {
	struct rdma_user_cm_ns_ingress ingress;
	u8 refusal;	   /* enum rdma_user_cm_ns_reason or cma_ns_refusal; 0 if accepted */
	bool pkey_differs; /* the packet's differs, membership aside */
	int route_error;   /* from route input, for the tracepoint */
	/* For the tracepoint; IPv4's are shorter, and a family of 0 means that there is none. */
	struct sockaddr_in6 source, destination;
	char device[IB_DEVICE_NAME_MAX];
};

/* Private data of a REP or a SIDR REP that has a trailer. */
struct cma_ns_reply {
	u8 data[IB_CM_REP_PRIVATE_DATA_SIZE];
};

struct cma_ns_record {
	u8 flags; /* enum rdma_cm_ns_flags */
	u32 source_qpn;
	u32 destination_qpn;
};

/* cma_ns_main.c */
int cma_ns_init(void);
void cma_ns_exit(void);
void cma_ns_forget(struct rdma_id_private *id);
enum rdma_user_cm_ns_policy cma_ns_host_policy(void);
const char *cma_ns_policy_word(enum rdma_user_cm_ns_policy policy);
bool cma_ns_is_administrator(void);
extern const struct kernel_param_ops cma_ns_bool_ops; /* only the administrator sets it */
int cma_ns_set_counter(const char *value, const struct kernel_param *parameter);
bool cma_ns_sending(void);
bool cma_ns_explaining(void);
void cma_ns_count(const struct cma_ns_request *request);

/* cma_ipoib.c: what ib_ipoib says about a request */
bool cma_ns_ipoib_answers(void);
struct net_device *cma_ns_ipoib_netdev(struct cma_ns_request *request, struct ib_device *device,
				       const union ib_gid *gid, const struct sockaddr *destination);

/* cma_ingress.c: step 1 */
struct net_device *cma_ns_ingress_ib(struct cma_ns_request *request,
				     const struct ib_cm_event *event, struct ib_device *device,
				     u32 port, u16 pkey, const union ib_gid *gid,
				     const struct sockaddr *source,
				     const struct sockaddr *destination);
void cma_ns_note_ends(struct cma_ns_request *request, const struct sockaddr *source,
		      const struct sockaddr *destination);
void cma_ns_describe_ingress(struct cma_ns_request *request, struct net_device *netdev);

/* cma_delivery.c: step 2, called under rcu_read_lock and cma.c's lock */
bool cma_ns_delivers(struct cma_ns_request *request, const struct ib_cm_event *event,
		     struct net_device *netdev, const struct sockaddr *source,
		     const struct sockaddr *destination);
bool cma_ns_way_back(struct cma_ns_request *request, bool valid);

/* cma_listeners.c: the file that shows them */
int cma_ns_listeners_init(void);
void cma_ns_listeners_exit(void);
void cma_ns_show_listener(const struct rdma_id_private *id, struct seq_file *file);
/* In cma.c, from hooks/cma_ns_show_ids.cocci: calls this for each id that has a port of @ps. */
void cma_ns_show_ids(struct net *net, enum rdma_ucm_port_space ps, struct seq_file *file);

/* cma_roce.c: step 1 over RoCE */
struct net_device *cma_ns_ingress_roce(struct cma_ns_request *request,
				       const struct ib_cm_event *event, struct ib_device *device,
				       u32 port, struct net_device *netdev,
				       const struct sockaddr *source,
				       const struct sockaddr *destination);

/* cma_iwarp.c: iWARP, which has its own way through the steps */
bool cma_ns_iwarp_is_home(const struct rdma_id_private *id);
int cma_ns_accept_iwarp(struct rdma_id_private *id, struct rdma_id_private *listener,
			struct iw_cm_id *cm_id, const struct sockaddr *source,
			const struct sockaddr *destination, struct cma_ns_request *request);

/* cma_verdict.c: policy, and what a refused peer is told */
struct rdma_id_private *cma_ns_judge(struct cma_ns_request *request, struct net_device *netdev,
				     struct rdma_id_private *listener);
void cma_ns_name_rule(struct rdma_user_cm_ns_ingress *ingress,
		      const struct rdma_id_private *listener);
int cma_ns_finish(struct cma_ns_request *request, int error);
struct rdma_cm_ns_refusal cma_ns_refusal_of(const struct cma_ns_request *request);
bool cma_ns_acceptable(struct cma_ns_request *request, enum rdma_user_cm_ns_policy policy);
void cma_ns_put_listener(struct rdma_id_private *listener);
int cma_ns_refuse(struct ib_cm_id *cm_id, const struct ib_cm_event *event,
		  struct cma_ns_request *request);
void cma_ns_accepted(struct rdma_id_private *id, struct rdma_id_private *listener,
		     const struct cma_ns_request *request);

/*
 * The device of an id was removed. Must its pending operation be cancelled while the id's mutex is
 * held? For other operations the mutex must be free, because cancelling them waits for handlers
 * that take it.
 */
static inline bool cma_ns_cancel_at_once(enum rdma_cm_state state)
{
	return state == RDMA_CM_ROUTE_QUERY;
}

/* cma_qpn_record.c: the codec of rdma_cm_ns_wire.h */
bool cma_ns_find_header(const void *private_data, struct cma_ns_record *record);
bool cma_ns_find_trailer(void *private_data, bool datagram, const struct sockaddr *source,
			 const struct sockaddr *destination, struct cma_ns_record *record);
void cma_ns_encode(const struct cma_ns_record *record, void *bytes);
void cma_ns_encode_trailer(const struct cma_ns_record *record, const struct sockaddr *source,
			   const struct sockaddr *destination, void *bytes);

/* cma_exchange.c: the records that this host sends */
u32 cma_ns_address_qpn(const unsigned char *address);
u32 cma_ns_aimed_qpn(struct rdma_id_private *id);
void cma_ns_renew_trailer(struct rdma_id_private *id, void *data);
u8 cma_ns_room(struct rdma_id_private *id, u8 header, u8 length, bool datagram);
void cma_ns_put_record(struct rdma_id_private *id, void *header);
void cma_ns_put_trailer(struct rdma_id_private *id, void *header);
void cma_ns_put_reply(struct rdma_id_private *id, struct cma_ns_reply *reply, const void **data,
		      u8 *length);

/* cma_neighbour.c: the neighbour entry that the QPN comes from */
void cma_ns_use_neighbour(const struct rdma_id_private *id);

/* cma_owner.c */
bool cma_ns_still_own_qp(const struct rdma_id_private *id, struct pid *process);

/*
 * cma_retry.c: requests that are sent again. The functions after the first two are called under the
 * handler's mutex.
 */
int cma_ns_retry_init(void);
void cma_ns_retry_exit(void);
void cma_ns_keep_request(struct rdma_id_private *id, const struct rdma_conn_param *param);
bool cma_ns_take_refusal(struct rdma_id_private *id, const struct ib_cm_event *event);
struct ib_cm_id *cma_ns_idle_cm_id(const struct rdma_id_private *id);
void cma_ns_path_known(struct rdma_id_private *id, int status);
/* These are called without the mutex. */
void cma_ns_stop_retry(struct rdma_id_private *id);
void cma_ns_cancel_retry(struct rdma_id_private *id);
void cma_ns_free_retry(struct rdma_id_private *id);

/*
 * In cma.c, from the hooks of the same names: sending again needs these, and they use what is
 * private to that file.
 */
int cma_ns_send_request(struct rdma_id_private *id, struct rdma_conn_param *param);
int cma_ns_query_path(struct rdma_id_private *id, unsigned long timeout_ms);
void cma_ns_path_work(struct work_struct *work);
void cma_ns_cancel_path(struct rdma_id_private *id);
/* These two return with the mutex unlocked and the reference given back. */
void cma_ns_deliver(struct rdma_id_private *id, struct rdma_cm_event *event);
void cma_ns_leave(struct rdma_id_private *id);

#endif
