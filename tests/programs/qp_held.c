// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * "qp-held ADDRESS PORT": connects with the number of a QP of its own, makes the connect wait in
 * the kernel, and destroys the QP meanwhile, so that another process might get the number. Prints
 * what becomes of the connect: it must not go on if the number was checked before it waited.
 *
 * rdma_ucm holds a channel's mutex while it copies an event to the program. Here it copies to a
 * page that is not there until this program fills it. The handler of the next event on the channel
 * waits for that mutex and holds its own id's, for which a connect of the id waits in turn.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/userfaultfd.h>
#include <rdma/rdma_cma.h>

#include "own_qp.h"
#include "parse.h"
#include "ucm.h"

#define PAGE_MAX 65536
#define TIMEOUT_MS 10000
#define NAP_MS 10
/* Who sleeps for so many naps on end waits for something that this program has not done yet. */
#define LONG_NAPS 100

static struct rdma_event_channel *channel;
static struct sockaddr_storage address;
static struct rdma_cm_id *id;
static struct ibv_qp *qp;

/* Nobody touches it before the kernel, whatever the size of a page is. */
static char page[PAGE_MAX] __attribute__((aligned(PAGE_MAX)));
static int page_fd;
static atomic_bool released;

static void nap(void)
{
	usleep(NAP_MS * 1000);
}

static struct uffdio_range range(void)
{
	return (struct uffdio_range){ .start = (uintptr_t)page, .len = sizeof(page) };
}

static void watch_page(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register missing = { .range = range(), .mode = UFFDIO_REGISTER_MODE_MISSING };

	page_fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	if (page_fd < 0 || ioctl(page_fd, UFFDIO_API, &api) ||
	    ioctl(page_fd, UFFDIO_REGISTER, &missing))
		err(1, "userfaultfd");
}

static void await_use_of_page(void)
{
	struct pollfd ready = { .fd = page_fd, .events = POLLIN };
	struct uffd_msg message;

	if (poll(&ready, 1, TIMEOUT_MS) != 1 ||
	    read(page_fd, &message, sizeof(message)) != sizeof(message) ||
	    message.event != UFFD_EVENT_PAGEFAULT)
		errx(1, "the kernel does not write to the page");
}

static void fill_page(void)
{
	struct uffdio_zeropage zeropage = { .range = range() };

	released = true;
	if (ioctl(page_fd, UFFDIO_ZEROPAGE, &zeropage))
		err(1, "UFFDIO_ZEROPAGE");
}

static struct rdma_cm_id *begin_to_resolve(void)
{
	struct rdma_cm_id *new;

	if (rdma_create_id(channel, &new, NULL, RDMA_PS_TCP) ||
	    rdma_resolve_addr(new, NULL, (struct sockaddr *)&address, TIMEOUT_MS))
		err(1, "resolve");
	if (!ucm_has_event(channel->fd, TIMEOUT_MS))
		errx(1, "no address is resolved");
	return new;
}

static void make_id(void)
{
	struct rdma_cm_event *event;

	channel = rdma_create_event_channel();
	if (!channel)
		err(1, "no RDMA CM here");
	id = begin_to_resolve();
	if (rdma_get_cm_event(channel, &event))
		err(1, "rdma_get_cm_event");
	if (event->event != RDMA_CM_EVENT_ADDR_RESOLVED)
		errx(1, "%s", rdma_event_str(event->event));
	rdma_ack_cm_event(event);
	qp = own_qp(id->verbs);
	/* Its event stays, to be copied to the page. */
	begin_to_resolve();
}

static int fetch(void)
{
	return ucm_get_event(channel->fd, (struct rdma_ucm_event_resp *)page);
}

/* Until the route is resolved, that is until the handler of that event has begun, EINVAL comes. */
static int connect_with_qp(void)
{
	struct rdma_conn_param param = { .qp_num = qp->qp_num,
					 .responder_resources = 1,
					 .initiator_depth = 1 };

	for (int i = 0; i < TIMEOUT_MS / NAP_MS; i++) {
		if (!rdma_connect(id, &param))
			return 0;
		if (errno != EINVAL || released)
			break;
		nap();
	}
	return -1;
}

static int destroy(void)
{
	errno = ibv_destroy_qp(qp);
	return errno;
}

static struct job {
	const char *name;
	int (*work)(void);
	pthread_t thread;
	int error;
	atomic_int tid;
	atomic_bool ended;
} fetching = { .name = "get event", .work = fetch },
  connecting = { .name = "connect", .work = connect_with_qp },
  destroying = { .name = "destroy", .work = destroy };

static void *run(void *argument)
{
	struct job *job = argument;

	job->tid = gettid();
	job->error = job->work() ? errno : 0;
	job->ended = true;
	return NULL;
}

static void start(struct job *job)
{
	errno = pthread_create(&job->thread, NULL, run, job);
	if (errno)
		err(1, "%s", job->name);
}

/* In a way that no signal ends. */
static bool sleeps(const struct job *job)
{
	char name[64], text[512];
	const char *state;
	FILE *file;
	size_t size;

	snprintf(name, sizeof(name), "/proc/self/task/%d/stat", job->tid);
	file = fopen(name, "re");
	if (!file)
		return false;
	size = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[size] = '\0';
	state = strrchr(text, ')');
	return state && !strncmp(state, ") D", 3);
}

/* False if it has ended instead. */
static bool waits(const struct job *job)
{
	int naps = 0;

	for (int i = 0; i < TIMEOUT_MS / NAP_MS && naps < LONG_NAPS; i++) {
		if (job->ended)
			return false;
		nap();
		naps = job->tid && sleeps(job) ? naps + 1 : 0;
	}
	if (naps < LONG_NAPS) {
		errno = ETIMEDOUT;
		err(1, "%s", job->name);
	}
	return true;
}

static int result(const struct job *job)
{
	for (int i = 0; i < TIMEOUT_MS / NAP_MS && !job->ended; i++)
		nap();
	return job->ended ? job->error : ETIMEDOUT;
}

static void finish(const struct job *job)
{
	errno = result(job);
	if (errno)
		err(1, "%s", job->name);
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fputs("usage: qp-held ADDRESS PORT\n", stderr);
		return 2;
	}
	parse_address(argv[1], argv[2], &address);
	watch_page();
	make_id();
	start(&fetching);
	await_use_of_page();
	if (rdma_resolve_route(id, TIMEOUT_MS))
		err(1, "rdma_resolve_route");
	start(&connecting);
	if (!waits(&connecting)) {
		errno = connecting.error;
		err(1, "connect does not wait");
	}
	start(&destroying);
	finish(&destroying);
	fill_page();
	finish(&fetching);
	printf("connect: %s\n", strerrorname_np(result(&connecting)));
	return 0;
}
