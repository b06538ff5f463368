// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Some refused requests are sent again. If a peer's netdev was made anew, its QPN is no longer the
 * one in the neighbour entry here, and the peer refuses requests that aim at the old one. An IP
 * stack would find out by probing the entry. So does this code, and the application sees only the
 * connection.
 */
#include <linux/hashtable.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/workqueue.h>
#include <net/neighbour.h>
#include <net/netevent.h>
#include <rdma/rdma_cm_ns_wire.h>
#include <rdma/rdma_user_cm_ns.h>

#include "cma_exchange.h"
#include "cma_neighbour.h"
#include "cma_owner.h"
#include "cma_qpn_record.h"
#include "cma_retry.h"
#ifdef RDMA_NS_VERSION
#include <linux/atomic.h>
#include <linux/moduleparam.h>

#include "cma_ns.h"
#else
#include "cma_listen.h"
#endif

/* A peer may keep refusing for ever, so the number of retries is limited. */
#define CMA_NS_RETRIES 3
/*
 * This is the time for all answers together. It allows for two broadcasts, and no application hears
 * of a refusal more than 2 s late.
 */
#define CMA_NS_RETRY_MS 1800
#define CMA_NS_LEAST_PATH_MS 200

/*
 * This keeps a request from rdma_connect() until its answer. It changes under the handler's mutex
 * in the state RDMA_CM_CONNECT. While it is waiting, which a lock of its own protects, it holds a
 * reference on the id. Whoever ends the wait takes over that reference.
 */
struct cma_ns_retry {
	struct hlist_node sleeper; /* in the table until it is woken */
	bool waiting;
	struct delayed_work work;
	struct rdma_id_private *id;
	struct pid *process; /* who connects, or NULL for users in the kernel */
	struct cma_ns_question question;
	unsigned long deadline;
	u8 retries;
	bool pending;  /* refused, and not sent again yet */
	bool querying; /* waits for the path to a GID that has changed */
	bool same_qpn; /* the peer still has the QPN, and the request was sent again */
	struct rdma_conn_param param;
	u8 data[RDMA_CM_NS_HEADER_LENGTH + U8_MAX]; /* cma.c fills in the header */
	struct rdma_cm_event refusal;
	u8 refusal_data[IB_CM_REJ_PRIVATE_DATA_SIZE];
};

static_assert(IB_CM_REJ_PRIVATE_DATA_SIZE >= IB_CM_SIDR_REP_PRIVATE_DATA_SIZE);

/*
 * By the neighbour that they wait for. All neighbours of the host change at any moment, and tenants
 * decide how many requests wait.
 */
static DEFINE_HASHTABLE(sleepers, 10);
static DEFINE_SPINLOCK(waiting_lock);
static struct workqueue_struct *retry_wq;

#ifdef RDMA_NS_VERSION
static atomic_long_t refused;
static atomic_long_t sent_again;

static int cma_ns_get_retries(char *buffer, const struct kernel_param *parameter)
{
	if (!cma_ns_is_administrator())
		return -EPERM;
	return sysfs_emit(buffer, "refused %ld\nsent_again %ld\n", atomic_long_read(&refused),
			  atomic_long_read(&sent_again));
}

static const struct kernel_param_ops retries_ops = { .flags = KERNEL_PARAM_OPS_FL_NOARG,
						     .set = cma_ns_set_counter,
						     .get = cma_ns_get_retries };
module_param_cb(retries, &retries_ops, NULL, 0400);
MODULE_PARM_DESC(retries,
		 "refusals that led to a check of a neighbour entry, and requests sent again");
#endif

static struct hlist_head *cma_ns_bucket(u32 key)
{
	return &sleepers[hash_min(key, HASH_BITS(sleepers))];
}

static void cma_ns_free(struct cma_ns_retry *retry)
{
	if (!retry)
		return;
	put_pid(retry->process);
	kfree(retry);
}

/*
 * @id is about to ask for a connection with @param, which need not outlive this call. If there is
 * no memory, there will be no retry.
 */
void cma_ns_keep_request(struct rdma_id_private *id, const struct rdma_conn_param *param)
{
	struct cma_ns_retry *retry;

	WRITE_ONCE(id->ns.given_up, false);
	WRITE_ONCE(id->ns.asking, true);
	cma_ns_free(id->ns.retry);
	id->ns.retry = NULL;
	if (!cma_ns_aimed_qpn(id))
		return;
	retry = kzalloc(sizeof(*retry), GFP_NOIO | __GFP_NOWARN);
	if (!retry)
		return;
	retry->id = id;
	if (!rdma_is_kernel_res(&id->res))
		retry->process = get_pid(task_tgid(current));
	retry->param = *param;
	if (param->private_data)
		memcpy(retry->data + RDMA_CM_NS_HEADER_LENGTH, param->private_data,
		       param->private_data_len);
	retry->param.private_data = retry->data + RDMA_CM_NS_HEADER_LENGTH;
	id->ns.retry = retry;
}

/* The ib_cm id of the request that is about to be sent again, which is idle; otherwise NULL. */
struct ib_cm_id *cma_ns_idle_cm_id(const struct rdma_id_private *id)
{
	return id->ns.retry && id->ns.retry->pending ? id->cm_id.ib : NULL;
}

static void cma_ns_wait(struct cma_ns_retry *retry)
{
	unsigned long now = jiffies, until = retry->deadline;

	if (time_in_range_open(retry->question.next, now + 1, until))
		until = retry->question.next;
	spin_lock_bh(&waiting_lock);
	retry->waiting = true;
	hlist_add_head(&retry->sleeper, cma_ns_bucket(cma_ns_peer_key(retry->id)));
	queue_delayed_work(retry_wq, &retry->work, time_after(until, now) ? until - now : 0);
	spin_unlock_bh(&waiting_lock);
}

/* If this returns true, the caller has the reference now. */
static bool cma_ns_end_waiting(struct cma_ns_retry *retry)
{
	bool waiting;

	spin_lock_bh(&waiting_lock);
	waiting = retry->waiting;
	retry->waiting = false;
	hlist_del_init(&retry->sleeper);
	spin_unlock_bh(&waiting_lock);
	return waiting;
}

/* It looks at its entry afterwards, so nobody need wake it a second time. */
static void cma_ns_wake(struct cma_ns_retry *retry)
{
	lockdep_assert_held(&waiting_lock);
	hlist_del_init(&retry->sleeper);
	mod_delayed_work(retry_wq, &retry->work, 0);
}

/* The answer may have come before the wait began, in which case nothing else would end the wait. */
static void cma_ns_wait_for_answer(struct cma_ns_retry *retry)
{
	cma_ns_wait(retry);
	if (cma_ns_ask(retry->id, &retry->question) == CMA_NS_WAIT)
		return;
	spin_lock_bh(&waiting_lock);
	if (retry->waiting)
		cma_ns_wake(retry);
	spin_unlock_bh(&waiting_lock);
}

static void cma_ns_give_up(struct cma_ns_retry *retry)
{
	struct rdma_id_private *id = retry->id;

	id->ns.retry = NULL;
	WRITE_ONCE(id->ns.asking, false);
	cma_ns_deliver(id, &retry->refusal);
	cma_ns_free(retry);
}

/*
 * A program may have put a trailer of its own into the request, as librdma-ns does. When the
 * request is sent again with the QPN of the fresh neighbour entry, the trailer must name that QPN
 * too. @data is as long as the private data of a request can be.
 */
static void cma_ns_renew_trailer(struct rdma_id_private *id, void *data)
{
	bool datagram = id->id.qp_type == IB_QPT_UD;
	const struct sockaddr *source = (struct sockaddr *)&id->id.route.addr.src_addr;
	const struct sockaddr *destination = (struct sockaddr *)&id->id.route.addr.dst_addr;
	struct cma_ns_record record;

	if (!cma_ns_find_trailer(data, datagram, source, destination, &record))
		return;
	if (record.flags & RDMA_CM_NS_DESTINATION_QPN)
		record.destination_qpn = cma_ns_aimed_qpn(id);
	cma_ns_encode_trailer(&record, source, destination, data + cma_ns_trailer_offset(datagram));
}

static void cma_ns_send_again(struct cma_ns_retry *retry)
{
	struct rdma_id_private *id = retry->id;

	retry->retries++;
	cma_ns_renew_trailer(id, retry->data);
	WRITE_ONCE(id->ns.asking, true);
	/* It may have been given up while the path was asked for. */
	if (READ_ONCE(id->ns.given_up) ||
	    cma_ns_send_as_owner(id, retry->process, &retry->param, cma_ns_send_request)) {
		cma_ns_give_up(retry);
		return;
	}
	retry->pending = false;
#ifdef RDMA_NS_VERSION
	atomic_long_inc(&sent_again);
#endif
	cma_ns_leave(id);
}

/*
 * The path query has a reference of its own: its answer may come, and the id may go, as soon as the
 * mutex is free, which is before mutex_unlock() returns.
 */
static void cma_ns_find_path(struct cma_ns_retry *retry)
{
	struct rdma_id_private *id = retry->id;
	unsigned int left = 0;

	if (time_before(jiffies, retry->deadline))
		left = jiffies_to_msecs(retry->deadline - jiffies);
	retry->querying = true;
	refcount_inc(&id->refcount);
	if (cma_ns_query_path(id, max_t(unsigned int, left, CMA_NS_LEAST_PATH_MS))) {
		retry->querying = false;
		cma_ns_put_listener(id);
		cma_ns_give_up(retry);
		return;
	}
	cma_ns_leave(id);
}

/*
 * The peer may still have the QPN and have refused only because its address or route came a moment
 * later. So the request is sent again even then, but only once.
 */
static void cma_ns_take_answer(struct cma_ns_retry *retry)
{
	unsigned char *address = retry->id->id.route.addr.dev_addr.dst_dev_addr;
	const u8 *fresh = retry->question.address;
	bool moved = memcmp(address + 4, fresh + 4, sizeof(union ib_gid));

	if (cma_ns_address_qpn(fresh) == retry->question.qpn)
		retry->same_qpn = true;
	memcpy(address, fresh, sizeof(retry->question.address));
	if (moved)
		cma_ns_find_path(retry);
	else
		cma_ns_send_again(retry);
}

static void cma_ns_retry_work(struct work_struct *work)
{
	struct cma_ns_retry *retry = container_of(to_delayed_work(work), struct cma_ns_retry, work);
	struct rdma_id_private *id = retry->id;
	enum cma_ns_answer answer;

	if (!cma_ns_end_waiting(retry))
		return;
	/* It may have been woken once more before that. */
	cancel_delayed_work(&retry->work);
	mutex_lock(&id->handler_mutex);
	if (READ_ONCE(id->state) != RDMA_CM_CONNECT) {
		cma_ns_leave(id);
		return;
	}
	answer = READ_ONCE(id->ns.given_up) ? CMA_NS_NO_ANSWER : cma_ns_ask(id, &retry->question);
	if (answer == CMA_NS_KNOWN) {
		cma_ns_take_answer(retry);
	} else if (answer == CMA_NS_WAIT && time_before(jiffies, retry->deadline)) {
		cma_ns_wait_for_answer(retry);
		mutex_unlock(&id->handler_mutex);
	} else {
		cma_ns_give_up(retry);
	}
}

void cma_ns_path_known(struct rdma_id_private *id, int status)
{
	struct cma_ns_retry *retry;

	mutex_lock(&id->handler_mutex);
	if (READ_ONCE(id->state) != RDMA_CM_CONNECT) {
		cma_ns_leave(id);
		return;
	}
	retry = id->ns.retry;
	retry->querying = false;
	if (status)
		cma_ns_give_up(retry);
	else
		cma_ns_send_again(retry);
}

static bool cma_ns_is_zero(const void *data, size_t length)
{
	return !memchr_inv(data, 0, length);
}

/* Can a fresh neighbour entry change the peer's answer? */
static bool cma_ns_may_be_stale(const void *data, size_t length)
{
	struct rdma_cm_ns_refusal refusal;

	memcpy(&refusal, data, sizeof(refusal));
	if (refusal.magic != cpu_to_be32(RDMA_CM_NS_REFUSAL_MAGIC) ||
	    refusal.version != RDMA_CM_NS_VERSION || refusal.zero ||
	    !cma_ns_is_zero(data + sizeof(refusal), length - sizeof(refusal)))
		return false;
	switch (refusal.reason) {
	case RDMA_USER_CM_NS_REASON_QPN_UNKNOWN:
	case RDMA_USER_CM_NS_REASON_UNRESOLVED:
	case RDMA_USER_CM_NS_REASON_ROUTE:
	case RDMA_USER_CM_NS_REASON_NOT_DELIVERED:
		return true;
	default:
		return false;
	}
}

/*
 * Keeps the event that the application gets if no better answer comes. Returns false if @event is
 * not a refusal of that kind.
 */
static bool cma_ns_keep_refusal(struct cma_ns_retry *retry, const struct ib_cm_event *event)
{
	struct rdma_cm_event *refusal = &retry->refusal;
	u8 length;

	switch (event->event) {
	case IB_CM_REJ_RECEIVED:
		if (event->param.rej_rcvd.reason != IB_CM_REJ_CONSUMER_DEFINED)
			return false;
		length = IB_CM_REJ_PRIVATE_DATA_SIZE;
		refusal->event = RDMA_CM_EVENT_REJECTED;
		refusal->status = event->param.rej_rcvd.reason;
		refusal->param.conn.private_data = retry->refusal_data;
		refusal->param.conn.private_data_len = length;
		break;
	case IB_CM_SIDR_REP_RECEIVED:
		if (event->param.sidr_rep_rcvd.status != IB_SIDR_REJECT)
			return false;
		length = IB_CM_SIDR_REP_PRIVATE_DATA_SIZE;
		refusal->event = RDMA_CM_EVENT_UNREACHABLE;
		refusal->status = event->param.sidr_rep_rcvd.status;
		refusal->param.ud.private_data = retry->refusal_data;
		refusal->param.ud.private_data_len = length;
		break;
	default:
		return false;
	}
	memcpy(retry->refusal_data, event->private_data, length);
	return cma_ns_may_be_stale(retry->refusal_data, length);
}

static bool cma_ns_begin_retry(struct cma_ns_retry *retry, const struct ib_cm_event *event)
{
	if (retry->retries >= CMA_NS_RETRIES || retry->same_qpn ||
	    (retry->retries && time_after(jiffies, retry->deadline)))
		return false;
	if (READ_ONCE(retry->id->ns.given_up) || !cma_ns_keep_refusal(retry, event))
		return false;
	cma_ns_begin_question(&retry->question, cma_ns_aimed_qpn(retry->id));
	if (cma_ns_ask(retry->id, &retry->question) == CMA_NS_NO_ANSWER)
		return false;
	if (!retry->retries) {
		retry->deadline = jiffies + msecs_to_jiffies(CMA_NS_RETRY_MS);
		INIT_DELAYED_WORK(&retry->work, cma_ns_retry_work);
	}
	retry->pending = true;
	refcount_inc(&retry->id->refcount);
#ifdef RDMA_NS_VERSION
	atomic_long_inc(&refused);
#endif
	cma_ns_wait_for_answer(retry);
	return true;
}

/*
 * Called for any event of ib_cm on @id. Returns true if it is a refusal that the application need
 * not be told of now. After any other answer the request is not sent again.
 */
bool cma_ns_take_refusal(struct rdma_id_private *id, const struct ib_cm_event *event)
{
	struct cma_ns_retry *retry = id->ns.retry;

	if (event->event == IB_CM_MRA_RECEIVED)
		return false;
	WRITE_ONCE(id->ns.asking, false);
	if (!retry || retry->pending || READ_ONCE(id->state) != RDMA_CM_CONNECT)
		return false;
	if (cma_ns_begin_retry(retry, event))
		return true;
	id->ns.retry = NULL;
	cma_ns_free(retry);
	return false;
}

/* The application gives the connection up. It gets the refusal that was kept back. */
void cma_ns_stop_retry(struct rdma_id_private *id)
{
	struct cma_ns_retry *retry;
	struct hlist_node *next;

	WRITE_ONCE(id->ns.given_up, true);
	/* Without the mutex it may be freed at any moment, but not while it is in the table. */
	if (!READ_ONCE(id->ns.retry))
		return;
	spin_lock_bh(&waiting_lock);
	hlist_for_each_entry_safe(retry, next, cma_ns_bucket(cma_ns_peer_key(id)), sleeper) {
		if (retry->id == id)
			cma_ns_wake(retry);
	}
	spin_unlock_bh(&waiting_lock);
}

/*
 * @id is being destroyed, and its handler's mutex is free. If somebody else has the reference, they
 * give it back soon.
 */
void cma_ns_cancel_retry(struct rdma_id_private *id)
{
	struct cma_ns_retry *retry = id->ns.retry;

	if (!retry || !retry->pending)
		return;
	if (cma_ns_end_waiting(retry)) {
		cancel_delayed_work_sync(&retry->work);
		cma_ns_put_listener(id);
	} else if (retry->querying) {
		cma_ns_cancel_path(id);
	}
}

/* Called after the last reference has gone. */
void cma_ns_free_retry(struct rdma_id_private *id)
{
	cma_ns_free(id->ns.retry);
}

/* As in IP, an answer counts no matter who asked for it. */
static int cma_ns_neighbour_changed(struct notifier_block *self, unsigned long event, void *data)
{
	const struct neighbour *entry = data;
	struct cma_ns_retry *retry;
	struct hlist_node *next;
	struct hlist_head *bucket;

	if (event != NETEVENT_NEIGH_UPDATE || !(READ_ONCE(entry->nud_state) & NUD_VALID))
		return NOTIFY_DONE;
	bucket = cma_ns_bucket(cma_ns_entry_key(entry));
	/* Whoever begins to wait looks at the entry afterwards. */
	if (hlist_empty(bucket))
		return NOTIFY_DONE;
	spin_lock_bh(&waiting_lock);
	hlist_for_each_entry_safe(retry, next, bucket, sleeper) {
		if (cma_ns_is_entry_of(entry, retry->id))
			cma_ns_wake(retry);
	}
	spin_unlock_bh(&waiting_lock);
	return NOTIFY_DONE;
}

static struct notifier_block neighbour_notifier = { .notifier_call = cma_ns_neighbour_changed };

int cma_ns_retry_init(void)
{
	retry_wq = alloc_workqueue("cma_ns_retry", WQ_MEM_RECLAIM | WQ_UNBOUND, 0);
	if (!retry_wq)
		return -ENOMEM;
	return register_netevent_notifier(&neighbour_notifier);
}

/* This is harmless if cma_ns_retry_init() has failed. */
void cma_ns_retry_exit(void)
{
	if (!retry_wq)
		return;
	unregister_netevent_notifier(&neighbour_notifier);
	destroy_workqueue(retry_wq);
	retry_wq = NULL;
}
