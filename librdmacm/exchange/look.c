// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "address.h"
#include "cancel.h"
#include "cm_id.h"
#include "fork_lock.h"
#include "look.h"
#include "real.h"

#define BACKLOG 128
#define PATIENCE_NS 2000000000ll /* for all steps of a look, as the connection waits for it */
#define KEPT_MAX 1024
#define KEPT_NS 30000000000ll

/* A look's private data begin with these, and so do the answer's. */
static const uint8_t ask_magic[8] = { 'N', 'S', 'L', 'O', 'O', 'K', 0, 1 };
static const uint8_t answer_magic[8] = { 'N', 'S', 'S', 'E', 'E', 'N', 0, 1 };

struct kept {
	struct sockaddr_storage local, peer;
	struct qpn_record record;
	int64_t until; /* in nanoseconds; 0: free */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct kept kept[KEPT_MAX];
static int64_t kept_until; /* in nanoseconds; after that, nothing is kept */
/* Its address is the context of a look's id, and so of the ids that its requests create. */
static char of_look;

__attribute__((constructor)) static void watch_forks(void)
{
	fork_lock(&lock);
}

static int64_t nanoseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ll + now.tv_nsec;
}

static bool same(const struct sockaddr_storage *one, const struct sockaddr_storage *other)
{
	return one->ss_family == other->ss_family && address_ip(one) &&
	       address_port(one) == address_port(other) &&
	       !memcmp(address_ip(one), address_ip(other), one->ss_family == AF_INET ? 4 : 16);
}

/* In a place that nobody can foretell: whoever floods this cannot aim at another one's record. */
void look_keep(const struct rdma_cm_id *id, const struct qpn_record *record)
{
	struct kept *place;
	uint32_t random;

	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		return;
	pthread_mutex_lock(&lock);
	place = &kept[random % KEPT_MAX];
	place->local = id->route.addr.src_storage;
	place->peer = id->route.addr.dst_storage;
	place->record = *record;
	place->until = kept_until = nanoseconds() + KEPT_NS;
	pthread_mutex_unlock(&lock);
}

static bool same_record(const struct qpn_record *one, const struct qpn_record *other)
{
	return one->flags == other->flags && one->source_qpn == other->source_qpn &&
	       one->destination_qpn == other->destination_qpn;
}

/* Records that contradict each other are none: one of them is a lie. */
bool look_find(const struct rdma_cm_id *id, struct qpn_record *record)
{
	const int64_t now = nanoseconds();
	bool contradicted = false, found = false;

	pthread_mutex_lock(&lock);
	for (int i = 0; kept_until >= now && i < KEPT_MAX; i++) {
		struct kept *one = &kept[i];

		if (one->until < now || !same(&one->local, &id->route.addr.src_storage) ||
		    !same(&one->peer, &id->route.addr.dst_storage))
			continue;
		one->until = 0;
		contradicted |= found && !same_record(record, &one->record);
		*record = one->record;
		found = true;
	}
	pthread_mutex_unlock(&lock);
	return found && !contradicted;
}

bool look_owns(const struct rdma_cm_id *id)
{
	return id && id->context == &of_look;
}

void look_take(struct rdma_cm_event *event)
{
	const struct real *real = real_librdmacm();
	struct rdma_cm_id *id = event->id;
	const struct rdma_addr *address = &id->route.addr;
	const bool request = event->event == RDMA_CM_EVENT_CONNECT_REQUEST;
	struct qpn_record record;
	bool kept_it = false;
	size_t length;
	void *data;

	if (request) {
		data = cm_event_data(event, &length);
		if (cm_id_is_datagram(id) && length >= sizeof(ask_magic) &&
		    !memcmp(data, ask_magic, sizeof(ask_magic)) &&
		    qpn_trailer_find(QPN_MESSAGE_SIDR_REQ, &address->dst_addr, &address->src_addr,
				     data, length, &record) == QPN_RECORD_OK) {
			look_keep(id, &record);
			kept_it = true;
		}
		real->reject(id, kept_it ? answer_magic : NULL, kept_it ? sizeof(answer_magic) : 0);
	}
	real->ack_cm_event(event);
	if (request)
		real->destroy_id(id);
}

struct errand {
	const struct real *real;
	struct rdma_event_channel *channel;
	const struct rdma_cm_id *like;
	struct rdma_cm_id *id;
	int64_t deadline; /* in nanoseconds */
};

static void listen_there(void *data)
{
	struct errand *errand = data;
	struct sockaddr_storage address = errand->like->route.addr.src_storage;

	if (errand->real->create_id(errand->channel, &errand->id, &of_look, RDMA_PS_IPOIB)) {
		errand->id = NULL;
		return;
	}
	if (!errand->real->bind_addr(errand->id, (struct sockaddr *)&address) &&
	    !errand->real->listen(errand->id, BACKLOG))
		return;
	errand->real->destroy_id(errand->id);
	errand->id = NULL;
}

/* A thread of its own is used only where one is needed. */
static bool run(struct netns *netns, void (*function)(void *data), struct errand *errand)
{
	if (netns_inode(netns) != netlink_netns_inode(-1))
		return !netns_run(netns, function, errand);
	function(errand);
	return true;
}

struct rdma_cm_id *look_listen(struct netns *netns, const struct rdma_cm_id *listener)
{
	struct errand errand = { .real = real_librdmacm(),
				 .channel = listener->channel,
				 .like = listener };
	int cancel;

	if (!errand.real || !netns || listener->ps != RDMA_PS_TCP ||
	    !address_port(&listener->route.addr.src_storage))
		return NULL;
	cancel = cancel_hold();
	if (!run(netns, listen_there, &errand))
		errand.id = NULL;
	cancel_restore(cancel);
	return errand.id;
}

void look_destroy(struct rdma_cm_id *look)
{
	int cancel;

	if (!look)
		return;
	cancel = cancel_hold();
	real_librdmacm()->destroy_id(look);
	cancel_restore(cancel);
}

/* At least one, since librdmacm may take zero for no limit. */
static int milliseconds_left(const struct errand *errand)
{
	const int64_t left = (errand->deadline - nanoseconds()) / 1000000;

	return left > 0 ? (int)left : 1;
}

/* Get the next event, or NULL if it does not come in time. */
static struct rdma_cm_event *wait_for(const struct errand *errand)
{
	struct pollfd readable = { .fd = errand->channel->fd, .events = POLLIN };
	struct rdma_cm_event *event;

	if (poll(&readable, 1, milliseconds_left(errand)) <= 0 ||
	    errand->real->get_cm_event(errand->channel, &event))
		return NULL;
	return event;
}

static bool expect(const struct errand *errand, enum rdma_cm_event_type type)
{
	struct rdma_cm_event *event = wait_for(errand);
	bool good;

	if (!event)
		return false;
	good = event->event == type;
	errand->real->ack_cm_event(event);
	return good;
}

static bool is_answer(const struct errand *errand)
{
	struct rdma_cm_event *event = wait_for(errand);
	size_t length;
	bool good;
	void *data;

	if (!event)
		return false;
	data = cm_event_data(event, &length);
	good = length >= sizeof(answer_magic) && !memcmp(data, answer_magic, sizeof(answer_magic));
	errand->real->ack_cm_event(event);
	return good;
}

static void create_there(void *data)
{
	struct errand *errand = data;

	if (errand->real->create_id(errand->channel, &errand->id, NULL, RDMA_PS_IPOIB))
		errand->id = NULL;
}

static bool ask(const struct errand *errand, const struct qpn_record *record)
{
	struct sockaddr_storage source = errand->like->route.addr.src_storage;
	struct sockaddr_storage destination = errand->like->route.addr.dst_storage;
	uint8_t bytes[RDMA_CM_NS_SIDR_REQ_LENGTH];
	struct rdma_conn_param param = { .private_data = bytes, .private_data_len = sizeof(bytes) };

	memcpy(bytes, ask_magic, sizeof(ask_magic));
	if (qpn_trailer_put(QPN_MESSAGE_SIDR_REQ, record, (struct sockaddr *)&source,
			    (struct sockaddr *)&destination, bytes,
			    sizeof(ask_magic)) != QPN_RECORD_OK)
		return false;
	return !errand->real->resolve_addr(errand->id, (struct sockaddr *)&source,
					   (struct sockaddr *)&destination,
					   milliseconds_left(errand)) &&
	       expect(errand, RDMA_CM_EVENT_ADDR_RESOLVED) &&
	       !errand->real->resolve_route(errand->id, milliseconds_left(errand)) &&
	       expect(errand, RDMA_CM_EVENT_ROUTE_RESOLVED) &&
	       !errand->real->connect(errand->id, &param) && is_answer(errand);
}

bool look_ask(struct netns *netns, const struct rdma_cm_id *id, const struct qpn_record *record)
{
	struct errand errand = { .real = real_librdmacm(),
				 .like = id,
				 .deadline = nanoseconds() + PATIENCE_NS };
	const int error = errno;
	bool answered = false;

	if (!errand.real || !netns || id->ps != RDMA_PS_TCP)
		return false;
	errand.channel = errand.real->create_event_channel();
	if (!errand.channel)
		return false;
	fcntl(errand.channel->fd, F_SETFL, fcntl(errand.channel->fd, F_GETFL) | O_NONBLOCK);
	if (run(netns, create_there, &errand) && errand.id) {
		answered = ask(&errand, record);
		errand.real->destroy_id(errand.id);
	}
	errand.real->destroy_event_channel(errand.channel);
	errno = error;
	return answered;
}
