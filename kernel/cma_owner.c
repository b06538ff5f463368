// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * A process must name a QP of its own when it connects or accepts. A peer that hears a QP number
 * twice from one HCA takes the earlier connection for a leftover and ends it, and iWARP attaches
 * the connection to whatever QP is named.
 */
#include <linux/cdev.h>
#include <linux/cred.h>
#include <linux/export.h>
#include <linux/fdtable.h>
#include <linux/fs.h>
#include <linux/nsproxy.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/string.h>
#include <linux/user_namespace.h>
#include <net/net_namespace.h>
#include <rdma/ib_verbs.h>
#include <rdma/restrack.h>
#include <rdma/uverbs_ioctl.h>

#include "cma_owner.h"
#include "cma_settings.h"
#include "uverbs.h"
#ifdef RDMA_NS_VERSION
#include <linux/atomic.h>
#include <linux/moduleparam.h>

#include "cma_ns.h"
#include "cma_ns_user.h"
#endif

#ifdef RDMA_NS_VERSION
static bool own_qp = true;
module_param_cb(own_qp, &cma_ns_bool_ops, &own_qp, 0644);
MODULE_PARM_DESC(own_qp, "let a process connect and accept only with its own QPs (default yes)");

bool cma_ns_own_qps_only(void)
{
	return READ_ONCE(own_qp);
}

static atomic_long_t foreign_connects;
static atomic_long_t foreign_accepts;
static atomic_long_t foreign_retries;

static int cma_ns_get_foreign_qps(char *buffer, const struct kernel_param *parameter)
{
	if (!cma_ns_is_administrator())
		return -EPERM;
	return sysfs_emit(buffer, "connect %ld\naccept %ld\nsend_again %ld\n",
			  atomic_long_read(&foreign_connects), atomic_long_read(&foreign_accepts),
			  atomic_long_read(&foreign_retries));
}

static const struct kernel_param_ops foreign_qps_ops = { .flags = KERNEL_PARAM_OPS_FL_NOARG,
							 .set = cma_ns_set_counter,
							 .get = cma_ns_get_foreign_qps };
module_param_cb(foreign_qps, &foreign_qps_ops, NULL, 0400);
MODULE_PARM_DESC(foreign_qps,
		 "what own_qp refused: connects, accepts, and requests to be sent again");
#endif

/* No file has this, so that a search for it takes as long as one for a stranger's file. */
static const struct ib_uverbs_file nobodys_file;

/* The ib_uverbs file through which a QP was made. */
static const struct ib_uverbs_file *cma_ns_file_of(const struct ib_qp *qp)
{
	/* The creator of a shared QP may have gone, and its object with it. */
	if (qp->qp_type == IB_QPT_XRC_TGT || !qp->uobject)
		return &nobodys_file;
	return qp->uobject->uevent.uobject.ufile;
}

static int cma_ns_is_file(const void *wanted, struct file *file, unsigned int fd)
{
	const struct ib_uverbs_file *ufile = wanted;

	return ufile && file->private_data == ufile &&
	       file_inode(file)->i_cdev == &ufile->device->cdev;
}

static bool cma_ns_thread_has_open(struct task_struct *thread, const struct ib_uverbs_file *ufile,
				   bool *open)
{
	bool has_files;

	task_lock(thread);
	has_files = thread->files;
	*open = has_files && iterate_fd(thread->files, 0, cma_ns_is_file, ufile);
	task_unlock(thread);
	return has_files;
}

/*
 * A process that has the file open can use and destroy its QPs, whatever its user and namespaces
 * are by now. It may be a child or parent of the process that made the QP, or one that was given
 * the file. A thread that has ended has no files, and the first one may have ended before the
 * others.
 */
static bool cma_ns_has_open(struct task_struct *process, const struct ib_uverbs_file *ufile)
{
	struct task_struct *thread;
	bool open;

	if (cma_ns_thread_has_open(process, ufile, &open))
		return open;
	rcu_read_lock();
	for_each_thread(process, thread) {
		if (cma_ns_thread_has_open(thread, ufile, &open))
			break;
	}
	rcu_read_unlock();
	return open;
}

/* Even after the thread that made the QP has ended, its task still names the process. */
static bool cma_ns_is_own(struct task_struct *process, const struct ib_qp *qp)
{
	const struct rdma_restrack_entry *res = &qp->res;

	if (rdma_is_kernel_res(res))
		return cma_ns_has_open(process, &nobodys_file);
	return same_thread_group(res->task, process) ||
	       cma_ns_has_open(process, cma_ns_file_of(qp));
}

/*
 * Devices with firmware commands for user space (DEVX) have QPs that ib_core does not know. On
 * other devices, a number without a QP gets the same search and the same error as a stranger's QP,
 * so that the error does not tell which numbers exist.
 */
static bool cma_ns_may_name_unknown(struct task_struct *process, const struct ib_device *device)
{
	return device->ops.driver_id == RDMA_DRIVER_MLX5 || cma_ns_has_open(process, &nobodys_file);
}

/*
 * As long as the reference @held is not given back, the QP, if ib_core knows it, cannot be
 * destroyed, so that its number becomes nobody else's.
 */
static bool cma_ns_may_name(struct task_struct *process, struct ib_device *device, u32 qpn,
			    struct rdma_restrack_entry **held)
{
	struct rdma_restrack_entry *res;

	*held = NULL;
	res = rdma_restrack_get_byid(device, RDMA_RESTRACK_QP, qpn);
	if (IS_ERR(res))
		return cma_ns_may_name_unknown(process, device);
	if (!cma_ns_is_own(process, container_of(res, struct ib_qp, res))) {
		rdma_restrack_put(res);
		return false;
	}
	*held = res;
	return true;
}

static void cma_ns_release(struct rdma_restrack_entry *held)
{
	if (held)
		rdma_restrack_put(held);
}

/* A request for a datagram service does not name a QP. */
static bool cma_ns_names_qp(const struct rdma_cm_id *id, bool connects)
{
	return !(connects && id->qp_type == IB_QPT_UD && rdma_cap_ib_cm(id->device, id->port_num));
}

/*
 * The program is told EPERM alone. The administrator is told why, but not whether there is such a
 * QP, since others may read the log. A process can give itself another one's name, or one that a
 * terminal would obey, so its user and its network namespace say whose it is.
 */
static void cma_ns_log_foreign(const struct ib_device *device, u32 qpn)
{
	char name[TASK_COMM_LEN];

	get_task_comm(name, current);
	pr_notice_ratelimited(
#ifdef RDMA_NS_VERSION
		"rdma_cm: refused: %*pE[%d], user %u, network namespace %u, named QP %u of %s, which ib_core does not know as its own; see WHOSE QP in rdma-ns-kernel(8)\n",
#else
		"rdma_cm: refused: %*pE[%d], user %u, network namespace %u, named QP %u of %s, which ib_core does not know as its own; see Documentation/infiniband/rdma_cm_netns.rst\n",
#endif
		(int)strlen(name), name, task_tgid_nr(current),
		from_kuid_munged(&init_user_ns, current_uid()), current->nsproxy->net_ns->ns.inum,
		qpn, dev_name(&device->dev));
}

/*
 * May the caller name @qpn when it @connects or accepts? The QP's type does not matter: some
 * programs use the number of a UD QP that they keep for this purpose. Called under the handler's
 * mutex.
 */
static int cma_ns_check_qp(const struct rdma_id_private *id_priv, u32 qpn, bool connects,
			   struct rdma_restrack_entry **held)
{
	const struct rdma_cm_id *id = &id_priv->id;

	*held = NULL;
	/* In other states the device may go at any moment, for instance if a bind fails. */
	if (READ_ONCE(id_priv->state) != (connects ? RDMA_CM_ROUTE_RESOLVED : RDMA_CM_CONNECT))
		return -EINVAL;
	if (!cma_ns_own_qps_only() || !cma_ns_names_qp(id, connects) ||
	    cma_ns_may_name(current, id->device, qpn, held))
		return 0;
#ifdef RDMA_NS_VERSION
	atomic_long_inc(connects ? &foreign_connects : &foreign_accepts);
#endif
	cma_ns_log_foreign(id->device, qpn);
	return -EPERM;
}

/*
 * A program can make whoever wants the handler's mutex wait for as long as it likes. So the number
 * is checked after that.
 */
int rdma_ns_connect(struct rdma_cm_id *id, struct rdma_conn_param *param, struct rdma_ucm_ece *ece)
{
	struct rdma_id_private *id_priv = container_of(id, struct rdma_id_private, id);
	struct rdma_restrack_entry *held;
	int ret;

	rdma_lock_handler(id);
	ret = cma_ns_check_qp(id_priv, param->qp_num, true, &held);
	if (!ret) {
		id_priv->ece = *ece;
		ret = rdma_connect_locked(id, param);
		cma_ns_release(held);
	}
	rdma_unlock_handler(id);
	return ret;
}
EXPORT_SYMBOL_GPL(rdma_ns_connect);

/* Called under the handler's mutex. */
int rdma_ns_accept(struct rdma_cm_id *id, struct rdma_conn_param *param, struct rdma_ucm_ece *ece)
{
	struct rdma_id_private *id_priv = container_of(id, struct rdma_id_private, id);
	struct rdma_restrack_entry *held;
	int ret;

	ret = cma_ns_check_qp(id_priv, param->qp_num, false, &held);
	if (ret)
		return ret;
	ret = rdma_accept_ece(id, param, ece);
	cma_ns_release(held);
	return ret;
}
EXPORT_SYMBOL_GPL(rdma_ns_accept);

static bool cma_ns_still_owns_qp(const struct rdma_id_private *id, struct pid *process,
				 struct rdma_restrack_entry **held)
{
	struct task_struct *task;
	bool own;

	*held = NULL;
	if (!process || !cma_ns_own_qps_only() || !cma_ns_names_qp(&id->id, true))
		return true;
	task = get_pid_task(process, PIDTYPE_TGID);
	own = task && cma_ns_may_name(task, id->id.device, id->qp_num, held);
	if (task)
		put_task_struct(task);
#ifdef RDMA_NS_VERSION
	if (!own)
		atomic_long_inc(&foreign_retries);
#endif
	return own;
}

/*
 * @process has named the QP in the request of @id, which is sent again by @send. It may have
 * destroyed the QP since then, and another process may have got the number. @process is NULL for
 * users in the kernel. Called under the handler's mutex in the state RDMA_CM_CONNECT, which keeps
 * the device.
 */
int cma_ns_send_as_owner(struct rdma_id_private *id, struct pid *process,
			 struct rdma_conn_param *param,
			 int (*send)(struct rdma_id_private *id, struct rdma_conn_param *param))
{
	struct rdma_restrack_entry *held;
	int ret;

	if (!cma_ns_still_owns_qp(id, process, &held))
		return -EPERM;
	ret = send(id, param);
	cma_ns_release(held);
	return ret;
}
