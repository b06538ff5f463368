// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * librdma-ns-preload.so: for LD_PRELOAD, gives programs that know nothing of librdma-ns its policies,
 * exchange and reports. librdmacm calls itself through its PLT, so that what it does for rsockets and
 * synchronous ids comes here as well. Its first use creates and destroys an id under its own lock:
 * rdma_destroy_id() must pass that without calling anything that takes it.
 *
 *   RDMA_NS_POLICY   report (default), verify or strict
 *   RDMA_NS_LOG      file to append a line to for each request and connection; "-": standard error
 *   RDMA_NS_JSON     1: these lines are JSON objects
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cm.h"
#include "report.h"

static const char *log_file;
static bool log_json;

static void complain(const char *what, const char *name, const char *remedy)
{
	fprintf(stderr, "librdma-ns-preload: %s '%s': %s\n", what, name, remedy);
}

/*
 * Opened for each line: programs close descriptors that they do not know, and the file may be rotated.
 * One write, so that lines of several processes do not mix.
 */
static void write_line(const struct rdma_ns_observation *observation, void *context)
{
	struct report_source source = { .pid = getpid() };
	const int error = errno;
	char line[REPORT_MAX];
	size_t length;
	int fd;

	(void)context;
	clock_gettime(CLOCK_REALTIME, &source.time);
	length = report_line(&source, observation, log_json, line);
	fd = strcmp(log_file, "-") ? open(log_file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY,
					  0644) :
				     STDERR_FILENO;
	if (fd < 0 || write(fd, line, length) != (ssize_t)length)
		complain("cannot write to RDMA_NS_LOG", log_file, strerror(errno));
	if (fd > STDERR_FILENO)
		close(fd);
	errno = error;
}

/* A policy that was meant and is not known must not become none. */
__attribute__((constructor)) static void configure(void)
{
	const char *policy = getenv("RDMA_NS_POLICY");
	const char *json = getenv("RDMA_NS_JSON");
	enum rdma_ns_policy parsed;

	if (policy && *policy) {
		if (rdma_ns_policy_parse(policy, &parsed)) {
			complain("RDMA_NS_POLICY", policy, "not report, verify or strict; taken as strict");
			parsed = RDMA_NS_POLICY_STRICT;
		}
		cm_set_default_policy(parsed);
	}
	log_json = json && *json && strcmp(json, "0");
	log_file = getenv("RDMA_NS_LOG");
	if (log_file && *log_file)
		rdma_ns_set_observer(write_line, NULL);
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
