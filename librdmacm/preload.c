// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * librdma-ns-preload.so is for LD_PRELOAD. It gives programs that know nothing of librdma-ns its
 * policies, exchange and reports. Where librdmacm calls itself through its PLT, the calls that it
 * makes for rsockets come here as well. Where it was linked to call itself directly, nothing is
 * seen of rsockets: then this is said, and no policy is promised. On its first use, librdmacm
 * creates and destroys an id under a lock of its own; rdma_destroy_id() must therefore not call
 * anything that takes this lock.
 *
 *   RDMA_NS_POLICY   report (default), verify or strict
 *   RDMA_NS_LOG      the file to which a line is appended for each request and connection;
 *                    "-": standard error, as it was when the program began
 *   RDMA_NS_JSON     1: these lines are JSON objects
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <rdma/rsocket.h>

#include "cm.h"
#include "log.h"
#include "real.h"

/* An unknown policy must not weaken the check that was intended. */
__attribute__((constructor)) static void configure(void)
{
	const char *policy = secure_getenv("RDMA_NS_POLICY");
	const char *json = secure_getenv("RDMA_NS_JSON");
	const char *file = secure_getenv("RDMA_NS_LOG");
	enum rdma_ns_policy parsed;

	if (log_begin(file && *file ? file : NULL, json && *json && strcmp(json, "0")))
		rdma_ns_set_observer(log_observation, NULL);
	cm_is_interposed();

	if (policy && *policy) {
		if (rdma_ns_policy_parse(policy, &parsed)) {
			log_complain("RDMA_NS_POLICY", policy, "not report, verify or strict: strict is used");
			parsed = RDMA_NS_POLICY_STRICT;
		}
		cm_set_default_policy(parsed);
	}
}

int rdma_create_ep(struct rdma_cm_id **id, struct rdma_addrinfo *res, struct ibv_pd *pd,
		   struct ibv_qp_init_attr *qp_init_attr)
{
	return rdma_ns_create_ep(id, res, pd, qp_init_attr, NULL);
}

int rdma_destroy_id(struct rdma_cm_id *id)
{
	return rdma_ns_destroy_id(id);
}

int rdma_listen(struct rdma_cm_id *id, int backlog)
{
	return rdma_ns_listen(id, backlog);
}

int rdma_connect(struct rdma_cm_id *id, struct rdma_conn_param *conn_param)
{
	return rdma_ns_connect(id, conn_param);
}

int rdma_accept(struct rdma_cm_id *id, struct rdma_conn_param *conn_param)
{
	return rdma_ns_accept(id, conn_param);
}

int rdma_get_cm_event(struct rdma_event_channel *channel, struct rdma_cm_event **event)
{
	return rdma_ns_get_cm_event(channel, event);
}

int rdma_migrate_id(struct rdma_cm_id *id, struct rdma_event_channel *channel)
{
	return rdma_ns_migrate_id(id, channel);
}

int rdma_get_request(struct rdma_cm_id *listen, struct rdma_cm_id **id)
{
	return rdma_ns_get_request(listen, id);
}

void rdma_destroy_ep(struct rdma_cm_id *id)
{
	rdma_ns_destroy_ep(id);
}

/* It has a UDP socket's descriptor, and no connection. */
static bool is_datagram_or_none(int socket)
{
	struct stat status;

	return fstat(socket, &status) || S_ISSOCK(status.st_mode);
}

/*
 * If what rsockets call does not come here, a call of theirs fails under @least and stricter
 * policies: a program must not be left without the guard that its administrator counts on.
 */
static int check_rsocket(const char *call, int socket, enum rdma_ns_policy least)
{
	static atomic_flag told = ATOMIC_FLAG_INIT;
	const bool fails = cm_default_policy() >= least;

	if (real_is_interposable() || is_datagram_or_none(socket))
		return 0;
	if (!atomic_flag_test_and_set(&told))
		log_complain(call, "librdmacm.so.1",
			     fails ? "it calls itself directly (linked with -Bsymbolic-functions), "
				     "so rsockets cannot be judged here, and fail under this policy: "
				     "put a librdmacm that is linked without this option in "
				     "LD_LIBRARY_PATH, or use the policy 'report'" :
				     "it calls itself directly (linked with -Bsymbolic-functions), "
				     "so rsockets are neither judged nor logged here");
	if (!fails)
		return 0;
	errno = ENOTSUP;
	return -1;
}

static int not_there(void)
{
	errno = ENOSYS;
	return -1;
}

int rlisten(int socket, int backlog)
{
	const struct real *real = real_librdmacm();

	if (!real || check_rsocket("rlisten", socket, RDMA_NS_POLICY_VERIFY))
		return -1;
	return real->rlisten ? real->rlisten(socket, backlog) : not_there();
}

int rconnect(int socket, const struct sockaddr *address, socklen_t length)
{
	const struct real *real = real_librdmacm();

	if (!real || check_rsocket("rconnect", socket, RDMA_NS_POLICY_STRICT))
		return -1;
	return real->rconnect ? real->rconnect(socket, address, length) : not_there();
}
