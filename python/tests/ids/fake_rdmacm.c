// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * A librdmacm for one process without RDMA: whoever connects to a port reaches the id that listens
 * there. There are no QPs, the device is nobody's, and ids have channels. As librdmacm does,
 * destroying an id waits until its events are acknowledged.
 */
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <netdb.h>
#include <netinet/in.h>
#include <rdma/rdma_cma.h>

#define IDS_MAX 64

struct fake_channel {
	struct rdma_event_channel public;
	int in;
};

struct fake_id {
	struct rdma_cm_id public;
	struct fake_id *peer;
	int listening;
	int unacknowledged;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t acknowledged = PTHREAD_COND_INITIALIZER;
static struct fake_id *ids[IDS_MAX];
static struct ibv_device device = { .name = "fake0" };
static struct ibv_context verbs = { .device = &device };

struct rdma_event_channel *rdma_create_event_channel(void)
{
	struct fake_channel *channel = calloc(1, sizeof(*channel));
	int ends[2];

	if (!channel || pipe(ends))
		return NULL;
	channel->public.fd = ends[0];
	channel->in = ends[1];
	return &channel->public;
}

void rdma_destroy_event_channel(struct rdma_event_channel *channel)
{
	close(channel->fd);
	close(((struct fake_channel *)channel)->in);
	free(channel);
}

static int tell(struct fake_id *id, struct fake_id *listener, enum rdma_cm_event_type type,
		int status, const void *data, uint8_t length)
{
	struct rdma_cm_event *event = calloc(1, sizeof(*event) + length);
	struct rdma_event_channel *channel = (listener ? listener : id)->public.channel;

	event->id = &id->public;
	event->listen_id = listener ? &listener->public : NULL;
	event->event = type;
	event->status = status;
	if (length) {
		memcpy(event + 1, data, length);
		event->param.conn.private_data = event + 1;
		event->param.conn.private_data_len = length;
	}
	return write(((struct fake_channel *)channel)->in, &event, sizeof(event)) < 0 ? -1 : 0;
}

static struct fake_id *holder(const struct rdma_cm_event *event)
{
	return (struct fake_id *)(event->listen_id ? event->listen_id : event->id);
}

int rdma_get_cm_event(struct rdma_event_channel *channel, struct rdma_cm_event **event)
{
	if (read(channel->fd, event, sizeof(*event)) != sizeof(*event))
		return -1;
	pthread_mutex_lock(&lock);
	holder(*event)->unacknowledged++;
	pthread_mutex_unlock(&lock);
	return 0;
}

int rdma_ack_cm_event(struct rdma_cm_event *event)
{
	pthread_mutex_lock(&lock);
	if (holder(event)->unacknowledged-- <= 0)
		abort();
	pthread_cond_broadcast(&acknowledged);
	pthread_mutex_unlock(&lock);
	free(event);
	return 0;
}

static void wait_for_acknowledgement(struct rdma_cm_id *id)
{
	while (((struct fake_id *)id)->unacknowledged)
		pthread_cond_wait(&acknowledged, &lock);
}

int rdma_create_id(struct rdma_event_channel *channel, struct rdma_cm_id **id, void *context,
		   enum rdma_port_space ps)
{
	struct fake_id *new = calloc(1, sizeof(*new));

	new->public.channel = channel;
	new->public.context = context;
	new->public.ps = ps;
	new->public.qp_type = ps == RDMA_PS_TCP ? IBV_QPT_RC : IBV_QPT_UD;
	pthread_mutex_lock(&lock);
	for (int i = 0; i < IDS_MAX; i++) {
		if (!ids[i]) {
			ids[i] = new;
			break;
		}
	}
	pthread_mutex_unlock(&lock);
	*id = &new->public;
	return 0;
}

int rdma_destroy_id(struct rdma_cm_id *id)
{
	pthread_mutex_lock(&lock);
	wait_for_acknowledgement(id);
	for (int i = 0; i < IDS_MAX; i++) {
		if (ids[i] && ids[i]->peer == (struct fake_id *)id)
			ids[i]->peer = NULL;
		if (ids[i] == (struct fake_id *)id)
			ids[i] = NULL;
	}
	pthread_mutex_unlock(&lock);
	free(id);
	return 0;
}

int rdma_bind_addr(struct rdma_cm_id *id, struct sockaddr *address)
{
	if (id->route.addr.src_addr.sa_family) {
		errno = EINVAL;
		return -1;
	}
	memcpy(&id->route.addr.src_storage, address, sizeof(struct sockaddr_in));
	return 0;
}

int rdma_listen(struct rdma_cm_id *id, int backlog)
{
	(void)backlog;
	((struct fake_id *)id)->listening = 1;
	return 0;
}

int rdma_resolve_addr(struct rdma_cm_id *id, struct sockaddr *source, struct sockaddr *destination,
		      int timeout_ms)
{
	struct sockaddr_in own = { .sin_family = AF_INET, .sin_port = htons(40000) };

	(void)timeout_ms;
	own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	memcpy(&id->route.addr.src_storage, source ? source : (struct sockaddr *)&own, sizeof(own));
	memcpy(&id->route.addr.dst_storage, destination, sizeof(own));
	id->verbs = &verbs;
	return tell((struct fake_id *)id, NULL, RDMA_CM_EVENT_ADDR_RESOLVED, 0, NULL, 0);
}

int rdma_resolve_route(struct rdma_cm_id *id, int timeout_ms)
{
	(void)timeout_ms;
	return tell((struct fake_id *)id, NULL, RDMA_CM_EVENT_ROUTE_RESOLVED, 0, NULL, 0);
}

static struct fake_id *find_listener(const struct rdma_cm_id *id)
{
	struct fake_id *found = NULL;

	pthread_mutex_lock(&lock);
	for (int i = 0; i < IDS_MAX && !found; i++) {
		if (ids[i] && ids[i]->listening && ids[i]->public.ps == id->ps &&
		    ids[i]->public.route.addr.src_sin.sin_port == id->route.addr.dst_sin.sin_port)
			found = ids[i];
	}
	pthread_mutex_unlock(&lock);
	return found;
}

int rdma_connect(struct rdma_cm_id *id, struct rdma_conn_param *param)
{
	struct fake_id *listener = find_listener(id);
	struct rdma_cm_id *request;

	if (!listener)
		return tell((struct fake_id *)id, NULL, RDMA_CM_EVENT_REJECTED, 8, NULL, 0);
	rdma_create_id(listener->public.channel, &request, listener->public.context, id->ps);
	request->route.addr.src_storage = id->route.addr.dst_storage;
	request->route.addr.dst_storage = id->route.addr.src_storage;
	request->verbs = &verbs;
	((struct fake_id *)request)->peer = (struct fake_id *)id;
	((struct fake_id *)id)->peer = (struct fake_id *)request;
	return tell((struct fake_id *)request, listener, RDMA_CM_EVENT_CONNECT_REQUEST, 0,
		    param->private_data, param->private_data_len);
}

int rdma_accept(struct rdma_cm_id *id, struct rdma_conn_param *param)
{
	struct fake_id *own = (struct fake_id *)id;

	return tell(own->peer, NULL, RDMA_CM_EVENT_ESTABLISHED, 0, param->private_data,
		    param->private_data_len) ||
	       tell(own, NULL, RDMA_CM_EVENT_ESTABLISHED, 0, NULL, 0);
}

int rdma_reject(struct rdma_cm_id *id, const void *data, uint8_t length)
{
	return tell(((struct fake_id *)id)->peer, NULL, RDMA_CM_EVENT_REJECTED, 28, data, length);
}

int rdma_disconnect(struct rdma_cm_id *id)
{
	struct fake_id *own = (struct fake_id *)id;

	if (!own->peer) {
		errno = EINVAL;
		return -1;
	}
	return tell(own, NULL, RDMA_CM_EVENT_DISCONNECTED, 0, NULL, 0) ||
	       tell(own->peer, NULL, RDMA_CM_EVENT_DISCONNECTED, 0, NULL, 0);
}

int rdma_migrate_id(struct rdma_cm_id *id, struct rdma_event_channel *channel)
{
	pthread_mutex_lock(&lock);
	wait_for_acknowledgement(id);
	pthread_mutex_unlock(&lock);
	id->channel = channel;
	return 0;
}

const char *rdma_event_str(enum rdma_cm_event_type event)
{
	return event == RDMA_CM_EVENT_REJECTED ? "RDMA_CM_EVENT_REJECTED" : "another";
}

int rdma_getaddrinfo(const char *node, const char *service, const struct rdma_addrinfo *hints,
		     struct rdma_addrinfo **res)
{
	(void)service;
	(void)hints;
	(void)res;
	if (!strcmp(node, "nobody"))
		return EAI_NONAME;
	errno = ENODEV;
	return -1;
}

/* What these tests do not call, and librdma-ns and the module look for. */
static int absent(void)
{
	errno = ENOSYS;
	return -1;
}

#define ABSENT(name) __typeof__(name) name __attribute__((alias("absent")))
#pragma GCC diagnostic ignored "-Wattribute-alias"
ABSENT(rdma_create_ep);
ABSENT(rdma_destroy_ep);
ABSENT(rdma_get_request);
ABSENT(rdma_create_qp);
ABSENT(rdma_destroy_qp);
ABSENT(rdma_set_option);
ABSENT(rdma_establish);
ABSENT(rdma_init_qp_attr);
ABSENT(rdma_freeaddrinfo);
