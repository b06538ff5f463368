// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Usage: cm-foreign serve rc|ud PORT [QPN]
 *        cm-foreign hold ADDRESS PORT
 *        cm-foreign connect HOW ADDRESS PORT
 *
 * Whose QP is named to a peer. "serve" accepts with QPs of its own, or with QPN, and prints for
 * each request "accepted" or the error, and "lost N" if the Nth of its own ends. "hold" connects,
 * prints "listening" and its QP's number, and "lost" if the connection ends; SIGTERM ends both.
 * "connect" names a QP in one of these ways and prints the error, or the event that came and its
 * status:
 *
 *     NUMBER     this one
 *     own        of this process
 *     ud         of this process, for datagrams
 *     context    of this process, of a context that librdmacm does not know
 *     thread     made by a thread that has ended
 *     user       made before this process became another user's
 *     parent     the parent's: a child connects
 *     child      the child's, which has ended: the parent connects
 *     passed     of another process, which has passed its file
 *     headless   like "passed", and this process's first thread has ended
 *     stranger   of another process
 *     device     of this process, on a device that the connection does not use
 *     gone       of this process, which destroys it once it has asked, and prints "destroyed"
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "own_qp.h"
#include "parse.h"
#include "resolve.h"

#define NOBODY 65534

static struct sockaddr_storage address;

static __attribute__((noreturn)) void die(const char *what)
{
	fprintf(stderr, "cm-foreign: %s: %s\n", what, strerror(errno));
	exit(1);
}

static __attribute__((noreturn)) void usage(void)
{
	fputs("usage: cm-foreign serve rc|ud PORT [QPN] | hold ADDRESS PORT | connect HOW ADDRESS PORT\n",
	      stderr);
	exit(2);
}

static struct rdma_event_channel *open_channel(void)
{
	struct rdma_event_channel *channel = rdma_create_event_channel();

	if (!channel)
		die("no RDMA CM here");
	return channel;
}

static struct rdma_cm_id *resolve(struct rdma_event_channel *channel)
{
	return resolve_id(channel, RDMA_PS_TCP, NULL, &address);
}

static int ask(struct rdma_cm_id *id, uint32_t qpn)
{
	struct rdma_conn_param param = { .qp_num = qpn,
					 .responder_resources = 1,
					 .initiator_depth = 1 };

	return rdma_connect(id, &param);
}

static void print_answer(struct rdma_cm_id *id)
{
	struct pollfd ready = { .fd = id->channel->fd, .events = POLLIN };
	struct rdma_cm_event *event;

	if (poll(&ready, 1, 4 * RESOLVE_TIMEOUT_MS) <= 0) {
		puts("nothing");
	} else if (rdma_get_cm_event(id->channel, &event)) {
		die("rdma_get_cm_event");
	} else {
		printf("%s %d\n", rdma_event_str(event->event) + strlen("RDMA_CM_EVENT_"),
		       event->status);
		rdma_ack_cm_event(event);
	}
	fflush(stdout);
}

/* The error, or what became of it. */
static void connect_with(struct rdma_cm_id *id, uint32_t qpn)
{
	if (!ask(id, qpn)) {
		print_answer(id);
		return;
	}
	puts(strerrorname_np(errno));
	fflush(stdout);
}

static void connect_and_destroy(struct rdma_cm_id *id)
{
	struct ibv_qp *qp = own_qp(id->verbs);

	if (ask(id, qp->qp_num) || ibv_destroy_qp(qp))
		die("connect");
	puts("destroyed");
	print_answer(id);
}

static void serve(enum rdma_port_space space, const char *port, const char *number)
{
	struct rdma_event_channel *channel = open_channel();
	struct rdma_conn_param param = { .responder_resources = 1, .initiator_depth = 1 };
	struct rdma_cm_event *event;
	struct rdma_cm_id *id;
	uintptr_t accepted = 0;

	parse_address("0.0.0.0", port, &address);
	if (rdma_create_id(channel, &id, NULL, space) ||
	    rdma_bind_addr(id, (struct sockaddr *)&address) || rdma_listen(id, 8))
		die("listen");
	puts("listening");
	while (!rdma_get_cm_event(channel, &event)) {
		id = event->event == RDMA_CM_EVENT_CONNECT_REQUEST ? event->id : NULL;
		if (!number && (event->event == RDMA_CM_EVENT_DISCONNECTED ||
				event->event == RDMA_CM_EVENT_REJECTED))
			printf("lost %lu\n", (unsigned long)(uintptr_t)event->id->context);
		rdma_ack_cm_event(event);
		if (!id)
			continue;
		id->context = (void *)++accepted;
		param.qp_num =
			number ? (uint32_t)strtoul(number, NULL, 0) : own_qp(id->verbs)->qp_num;
		puts(rdma_accept(id, &param) ? strerrorname_np(errno) : "accepted");
	}
	die("rdma_get_cm_event");
}

static void hold(void)
{
	struct rdma_event_channel *channel = open_channel();
	struct rdma_cm_id *id = resolve(channel);
	struct rdma_conn_param param = { .responder_resources = 1, .initiator_depth = 1 };
	struct ibv_qp_init_attr attr = {
		.cap = { .max_send_wr = 1, .max_recv_wr = 1, .max_send_sge = 1, .max_recv_sge = 1 },
		.qp_type = IBV_QPT_RC,
	};
	struct rdma_cm_event *event;

	if (rdma_create_qp(id, NULL, &attr) || rdma_connect(id, &param) ||
	    rdma_get_cm_event(channel, &event))
		die("connect");
	if (event->event != RDMA_CM_EVENT_ESTABLISHED) {
		errno = ECONNREFUSED;
		die(rdma_event_str(event->event));
	}
	rdma_ack_cm_event(event);
	printf("listening 0x%x\n", id->qp->qp_num);
	if (rdma_get_cm_event(channel, &event))
		die("rdma_get_cm_event");
	puts("lost");
	pause();
}

static uint32_t of_own(struct rdma_cm_id **id)
{
	return own_qp((*id)->verbs)->qp_num;
}

static uint32_t of_datagrams(struct rdma_cm_id **id)
{
	return own_qp_of_type((*id)->verbs, IBV_QPT_UD)->qp_num;
}

static void *make_qp(void *verbs)
{
	return own_qp(verbs);
}

static uint32_t of_thread(struct rdma_cm_id **id)
{
	pthread_t thread;
	void *qp;

	if (pthread_create(&thread, NULL, make_qp, (*id)->verbs) || pthread_join(thread, &qp))
		die("thread");
	return ((struct ibv_qp *)qp)->qp_num;
}

static uint32_t of_context(struct rdma_cm_id **id)
{
	struct ibv_context *verbs = ibv_open_device((*id)->verbs->device);

	if (!verbs)
		die("ibv_open_device");
	return own_qp(verbs)->qp_num;
}

static uint32_t of_other_device(struct rdma_cm_id **id)
{
	struct ibv_device **device = ibv_get_device_list(NULL);
	struct ibv_context *verbs;

	while (device && *device && *device == (*id)->verbs->device)
		device++;
	verbs = device && *device ? ibv_open_device(*device) : NULL;
	if (!verbs)
		die("no other device");
	return own_qp(verbs)->qp_num;
}

/* rdma_ucm insists on the process and user that opened its file: hence a new one. */
static uint32_t of_other_user(struct rdma_cm_id **id)
{
	const uint32_t qpn = own_qp((*id)->verbs)->qp_num;

	if (setresgid(NOBODY, NOBODY, NOBODY) || setresuid(NOBODY, NOBODY, NOBODY))
		die("setresuid");
	*id = resolve(open_channel());
	return qpn;
}

/* The child connects, and this process ends with it. */
static uint32_t of_parent(struct rdma_cm_id **id)
{
	const uint32_t qpn = own_qp((*id)->verbs)->qp_num;
	const pid_t child = fork();
	int status;

	if (child < 0)
		die("fork");
	if (!child) {
		*id = resolve(open_channel());
		return qpn;
	}
	if (waitpid(child, &status, 0) != child || !WIFEXITED(status))
		die("the child");
	exit(WEXITSTATUS(status));
}

static uint32_t of_child(struct rdma_cm_id **id)
{
	uint32_t qpn;
	int ends[2];
	pid_t child;

	if (pipe(ends))
		die("pipe");
	child = fork();
	if (child < 0)
		die("fork");
	if (!child) {
		qpn = own_qp((*id)->verbs)->qp_num;
		_exit(write(ends[1], &qpn, sizeof(qpn)) != sizeof(qpn));
	}
	if (read(ends[0], &qpn, sizeof(qpn)) != sizeof(qpn) || waitpid(child, NULL, 0) != child)
		die("the child");
	return qpn;
}

static void send_qp(int to, uint32_t qpn, int fd)
{
	char room[CMSG_SPACE(sizeof(fd))] = "";
	struct iovec data = { .iov_base = &qpn, .iov_len = sizeof(qpn) };
	struct msghdr message = { .msg_iov = &data,
				  .msg_iovlen = 1,
				  .msg_control = room,
				  .msg_controllen = sizeof(room) };
	struct cmsghdr *rights = CMSG_FIRSTHDR(&message);

	rights->cmsg_level = SOL_SOCKET;
	rights->cmsg_type = SCM_RIGHTS;
	rights->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(rights), &fd, sizeof(fd));
	if (sendmsg(to, &message, 0) < 0)
		die("sendmsg");
}

/* A process that has nothing from this one makes a QP and keeps it; its file may come along. */
static uint32_t of_stranger(bool passes)
{
	char room[CMSG_SPACE(sizeof(int))];
	uint32_t qpn;
	struct iovec data = { .iov_base = &qpn, .iov_len = sizeof(qpn) };
	struct msghdr message = { .msg_iov = &data,
				  .msg_iovlen = 1,
				  .msg_control = room,
				  .msg_controllen = sizeof(room) };
	int ends[2], none;
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
		die("socketpair");
	child = fork();
	if (child < 0)
		die("fork");
	if (!child) {
		struct rdma_cm_id *id = resolve(open_channel());

		none = open("/dev/null", O_RDONLY);
		send_qp(ends[1], own_qp(id->verbs)->qp_num, passes ? id->verbs->cmd_fd : none);
		/* Until the other process has gone. */
		close(ends[0]);
		_exit(read(ends[1], &none, 1) < 0);
	}
	close(ends[1]);
	if (recvmsg(ends[0], &message, 0) != sizeof(qpn))
		die("recvmsg");
	return qpn;
}

struct headless {
	pthread_t first;
	uint32_t qpn;
};

static void *connect_headless(void *argument)
{
	const struct headless *headless = argument;

	if (pthread_join(headless->first, NULL))
		die("pthread_join");
	connect_with(resolve(open_channel()), headless->qpn);
	exit(EXIT_SUCCESS);
}

static void lose_first_thread(uint32_t qpn)
{
	/* The second thread reads it after the end of the first one, whose stack may be gone. */
	static struct headless headless;
	pthread_t second;

	headless = (struct headless){ .first = pthread_self(), .qpn = qpn };
	if (pthread_create(&second, NULL, connect_headless, &headless))
		die("pthread_create");
	pthread_exit(NULL);
}

static const struct way {
	const char *name;
	uint32_t (*qpn)(struct rdma_cm_id **id);
} ways[] = {
	{ "own", of_own },	 { "ud", of_datagrams },	{ "context", of_context },
	{ "thread", of_thread }, { "user", of_other_user },	{ "parent", of_parent },
	{ "child", of_child },	 { "device", of_other_device },
};

static void connect_as(const char *how)
{
	const struct way *way = ways;
	struct rdma_cm_id *id;
	uint32_t qpn;

	if (!strcmp(how, "stranger") || !strcmp(how, "passed") || !strcmp(how, "headless")) {
		/* Before this process has any file that a child would inherit. */
		qpn = of_stranger(strcmp(how, "stranger") != 0);
		if (!strcmp(how, "headless"))
			lose_first_thread(qpn);
		connect_with(resolve(open_channel()), qpn);
		return;
	}
	id = resolve(open_channel());
	if (!strcmp(how, "gone")) {
		connect_and_destroy(id);
		return;
	}
	if (*how >= '0' && *how <= '9') {
		connect_with(id, (uint32_t)strtoul(how, NULL, 0));
		return;
	}
	while (way < ways + sizeof(ways) / sizeof(ways[0]) && strcmp(way->name, how))
		way++;
	if (way == ways + sizeof(ways) / sizeof(ways[0]))
		usage();
	qpn = way->qpn(&id);
	connect_with(id, qpn);
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc >= 4 && argc <= 5 && !strcmp(argv[1], "serve")) {
		serve(strcmp(argv[2], "ud") ? RDMA_PS_TCP : RDMA_PS_UDP, argv[3], argv[4]);
	} else if (argc == 4 && !strcmp(argv[1], "hold")) {
		parse_address(argv[2], argv[3], &address);
		hold();
	} else if (argc == 5 && !strcmp(argv[1], "connect")) {
		parse_address(argv[3], argv[4], &address);
		connect_as(argv[2]);
	} else {
		usage();
	}
	return 0;
}
