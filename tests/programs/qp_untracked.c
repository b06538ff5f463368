// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * "qp-untracked DEVICE SECONDS": makes QPs, a batch after the other, and asks which of them ib_core
 * knows, as "rdma resource" does. Meanwhile another process makes and destroys QPs all the time,
 * so that numbers are used again at once. Prints "N of M QPs are not tracked".
 */
#include <err.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <infiniband/verbs.h>

#define THREADS 4
#define BATCH 64
#define QPNS 65536 /* siw has fewer */

static struct ibv_context *verbs;
static struct ibv_pd *pd;
static struct ibv_cq *cq;

static struct ibv_context *open_device(const char *name)
{
	struct ibv_device **list = ibv_get_device_list(NULL);
	struct ibv_context *context = NULL;

	for (struct ibv_device **device = list; list && *device && !context; device++) {
		if (!strcmp(ibv_get_device_name(*device), name))
			context = ibv_open_device(*device);
	}
	ibv_free_device_list(list);
	if (!context)
		err(1, "%s", name);
	return context;
}

static struct ibv_qp *make_qp(void)
{
	struct ibv_qp_init_attr attributes = {
		.send_cq = cq,
		.recv_cq = cq,
		.cap = { .max_send_wr = 1, .max_recv_wr = 1, .max_send_sge = 1, .max_recv_sge = 1 },
		.qp_type = IBV_QPT_RC,
	};

	return ibv_create_qp(pd, &attributes);
}

static void *churn(void *argument)
{
	for (;;) {
		struct ibv_qp *qp = make_qp();

		if (qp)
			ibv_destroy_qp(qp);
	}
	return argument;
}

/*
 * Other devices may have QPs of the same numbers. A QP of iWARP has no port as long as it is not
 * connected. @filter is part of the command.
 */
static int note_tracked(const char *name, const char *filter, bool *tracked)
{
	char command[128], line[1024];
	const char *found;
	FILE *pipe;

	snprintf(command, sizeof(command), "rdma resource show qp link %s/- %s 2>&1", name, filter);
	pipe = popen(command, "r");
	if (!pipe)
		err(1, "popen");
	while (fgets(line, sizeof(line), pipe)) {
		found = strstr(line, " lqpn ");
		if (found)
			tracked[atoi(found + strlen(" lqpn ")) % QPNS] = true;
	}
	return pclose(pipe);
}

/*
 * A list leaves out QPs if others are destroyed while it is told. So each QP that it does not have
 * is asked for by its number.
 */
static bool is_tracked(const char *name, uint32_t qpn, bool *tracked)
{
	char filter[32];

	if (!tracked[qpn % QPNS]) {
		snprintf(filter, sizeof(filter), "lqpn %u", qpn);
		note_tracked(name, filter, tracked);
	}
	return tracked[qpn % QPNS];
}

/* Makes QPs until there are enough, whose numbers others have just given up. */
static void make_batch(const char *name, unsigned int *count, unsigned int *untracked)
{
	bool tracked[QPNS] = {};
	struct ibv_qp *qps[BATCH];

	for (int i = 0; i < BATCH; i++) {
		qps[i] = make_qp();
		if (!qps[i])
			err(1, "QP %d", i);
	}
	if (note_tracked(name, "", tracked))
		errx(1, "%s: 'rdma resource' fails", name);
	for (int i = 0; i < BATCH; i++) {
		(*count)++;
		*untracked += !is_tracked(name, qps[i]->qp_num, tracked);
		ibv_destroy_qp(qps[i]);
	}
}

static void set_up(const char *name)
{
	verbs = open_device(name);
	pd = ibv_alloc_pd(verbs);
	cq = pd ? ibv_create_cq(verbs, 1, NULL, NULL, 0) : NULL;
	if (!cq)
		err(1, "%s: no PD or CQ", name);
}

static pid_t start_churning(const char *name)
{
	pthread_t thread;
	pid_t pid = fork();

	if (pid < 0)
		err(1, "fork");
	if (pid)
		return pid;
	set_up(name);
	for (int i = 1; i < THREADS; i++) {
		if (pthread_create(&thread, NULL, churn, NULL))
			_exit(1);
	}
	churn(NULL);
	_exit(0);
}

int main(int argc, char **argv)
{
	unsigned int count = 0, untracked = 0;
	int status = 0;
	time_t end;
	pid_t pid;

	if (argc != 3) {
		fputs("usage: qp-untracked DEVICE SECONDS\n", stderr);
		return 2;
	}
	pid = start_churning(argv[1]);
	set_up(argv[1]);
	for (end = time(NULL) + atoi(argv[2]); time(NULL) < end;)
		make_batch(argv[1], &count, &untracked);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	if (!WIFSIGNALED(status))
		errx(1, "the other process has ended too early");
	printf("%u of %u QPs are not tracked\n", untracked, count);
	return 0;
}
