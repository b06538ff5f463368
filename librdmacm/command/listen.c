// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* rdma-ns listen: say how each request arrived, check what "rdma-ns ping" sends, and answer. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "causes.h"
#include "endpoint.h"
#include "peer_message.h"
#include "place.h"
#include "report.h"

#define CLIENTS_MAX 64		/* each may use two buffers of PEER_SIZE_MAX */
#define PATIENCE_MS 30000	/* how long a client may be silent beyond its interval */
#define INTERVAL_MAX_MS 3600000 /* a longer one would let clients keep others out */

static const char help[] =
	"Usage: rdma-ns listen [OPTION]... [ADDRESS|any]\n"
	"\n"
	"Print on which netdev and how each request arrives, and answer \"rdma-ns ping\". Several clients\n"
	"are served at a time. Without ADDRESS, listen on any address, IPv4 and IPv6.\n"
	"\n"
	"  -c, --count N        end after N requests, including refused ones; --once ends after one\n"
	"  -p, --port PORT      listen on this port (7471)\n"
	"  -I, --netdev NETDEV  refuse requests that arrived on other netdevs, as with SO_BINDTODEVICE\n"
	"  -N, --netns NETNS    listen in this network namespace: a name of 'ip netns', a path, a process\n"
	"                       or a container, such as podman:0123456789ab\n"
	"  -P, --policy POLICY  refuse requests by policy: report, verify or strict (report)\n"
	"  -u, --udp            exchange datagrams (SIDR) instead of using connections\n"
	"  -j, --json           print one JSON object a line\n"
	"  -q, --quiet          print no lines for clients and refused requests, but only the summary\n"
	"  -h, --help           print this text\n"
	"\n"
	"The exit status is 0 on success, 1 on failure or if a request was refused or a message was\n"
	"corrupted, and 2 if the usage is wrong.\n";

struct client {
	struct client *next;
	struct endpoint endpoint;
	uint32_t number;
	uint64_t messages, corrupted;
	struct peer_header answer; /* type 0: there is none to send */
	uint32_t answer_size;
	uint32_t patience_ms;
	int64_t heard_ms;
};

struct listener {
	struct peer_options options;
	struct place place;
	struct rdma_cm_id *id;
	int epoll;
	const sigset_t *signals; /* while it waits */
	struct client *clients;
	uint32_t clients_count;
	uint32_t requests, ended; /* both include refused ones */
	uint64_t refused, unwanted, messages, corrupted;
};

static int64_t milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

static bool loud(const struct listener *listener)
{
	return !listener->options.quiet;
}

/* @why consists of words of this program and needs no escaping. */
static void forget(struct listener *listener, struct client *client, const char *why)
{
	struct client **link = &listener->clients;

	while (*link != client)
		link = &(*link)->next;
	*link = client->next;
	listener->clients_count--;
	listener->ended++;
	listener->messages += client->messages;
	listener->corrupted += client->corrupted;
	if (loud(listener))
		printf(listener->options.json ? "{\"event\":\"end\",\"client\":%" PRIu32
						",\"messages\":%" PRIu64 ",\"corrupted\":%" PRIu64
						",\"why\":\"%s\"}\n" :
						"client %" PRIu32 ": %" PRIu64 " messages, %" PRIu64
						" corrupted; %s\n",
		       client->number, client->messages, client->corrupted, why);
	endpoint_destroy(&client->endpoint);
	free(client);
}

/* Print the rest of a line: who sent the request, and how it arrived. */
static void tell_arrival(const struct listener *listener, const struct sockaddr_storage *local,
			 const struct sockaddr_storage *peer, const struct rdma_ns_resolution *view)
{
	char text[REPORT_MAX];

	if (listener->options.json) {
		printf(",\"local\":\"%s\"", report_address(local, text));
		printf(",\"peer\":\"%s\"", report_address(peer, text));
		printf(",%s}\n", report_resolution(view, true, text));
		return;
	}
	printf("%s", report_address(peer, text));
	printf(" to %s: ", report_address(local, text));
	printf("%s\n", report_resolution(view, false, text));
}

static void tell_request(const struct listener *listener, struct rdma_cm_id *id,
			 const struct rdma_ns_resolution *view)
{
	if (!loud(listener))
		return;
	printf(listener->options.json ? "{\"event\":\"request\",\"client\":%" PRIu32 :
					"client %" PRIu32 ": ",
	       listener->requests);
	tell_arrival(listener, &id->route.addr.src_storage, &id->route.addr.dst_storage, view);
}

/* The library rejects such a request, and returns no event. */
static void take_refused(const struct rdma_ns_observation *observation, void *context)
{
	struct listener *listener = context;
	struct timespec now;
	char text[REPORT_MAX];

	if (observation->what != RDMA_NS_OBSERVED_REQUEST ||
	    observation->resolution->verdict != RDMA_NS_REJECT)
		return;
	listener->refused++;
	/* The library takes several of them at a time, maybe more than were asked for. */
	if (!listener->options.count || listener->requests < listener->options.count) {
		listener->requests++;
		listener->ended++;
	}
	if (!loud(listener))
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	printf(listener->options.json ? "{\"event\":\"refused\",\"time\":\"%s\"" : "%s refused: ",
	       report_time(&now, text));
	tell_arrival(listener, &observation->local, &observation->peer, observation->resolution);
}

static int watch(const struct listener *listener, int fd, struct client *client)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = client };

	return epoll_ctl(listener->epoll, EPOLL_CTL_ADD, fd, &event);
}

static int accept_client(struct client *client, const struct rdma_ns_resolution *view)
{
	uint8_t bytes[PEER_VIEW_LENGTH];
	struct rdma_conn_param param = {
		.private_data = bytes,
		.private_data_len = sizeof(bytes),
		.responder_resources = 1,
		.initiator_depth = 1,
		.rnr_retry_count = 7,
		.qp_num = client->endpoint.id->qp->qp_num,
	};

	peer_view_encode(view, bytes);
	return rdma_ns_accept(client->endpoint.id, &param);
}

/* @error is the errno for PEER_NO_RESOURCES. */
static void reject(struct listener *listener, struct rdma_cm_id *id, enum peer_rejection why,
		   int error)
{
	uint8_t bytes[PEER_REJECTION_LENGTH];
	char text[REPORT_MAX];

	listener->unwanted++;
	listener->ended++;
	failed("listen: rejected a request from %s: %s",
	       report_address(&id->route.addr.dst_storage, text),
	       why == PEER_NO_RESOURCES ? strerror(error) : peer_rejection_str(why));
	peer_rejection_encode(why, bytes);
	rdma_ns_reject(id, bytes, sizeof(bytes));
}

/* The request's event has been acknowledged; this function owns the id. */
static void take_request(struct listener *listener, struct rdma_cm_id *id,
			 const struct peer_hello *hello)
{
	struct rdma_ns_resolution view = { 0 };
	const uint32_t most = endpoint_size_max(id);
	enum peer_rejection why = PEER_REJECTION_NONE;
	struct client *client = NULL;
	int error = 0;

	listener->requests++;
	rdma_ns_get_resolution(id, &view, sizeof(view));
	tell_request(listener, id, &view);
	if (!hello)
		why = PEER_NO_PING;
	else if (listener->options.count && listener->requests > listener->options.count)
		why = PEER_COUNT_REACHED;
	else if (listener->clients_count == CLIENTS_MAX)
		why = PEER_FULL;
	if (why)
		goto reject;
	client = calloc(1, sizeof(*client));
	if (!client ||
	    endpoint_create(&client->endpoint, id, hello->size < most ? hello->size : most) ||
	    watch(listener, client->endpoint.channel->fd, client) || accept_client(client, &view)) {
		why = PEER_NO_RESOURCES;
		error = errno;
		goto reject;
	}
	id->context = client;
	client->number = listener->requests;
	client->patience_ms =
		PATIENCE_MS +
		(hello->interval_ms < INTERVAL_MAX_MS ? hello->interval_ms : INTERVAL_MAX_MS);
	client->heard_ms = milliseconds();
	client->next = listener->clients;
	listener->clients = client;
	listener->clients_count++;
	return;
reject:
	reject(listener, id, why, error);
	if (client && client->endpoint.id)
		endpoint_destroy(&client->endpoint);
	else
		rdma_ns_destroy_id(id);
	free(client);
}

static int bind_and_listen(const struct listener *listener)
{
	const struct place *place = &listener->place;
	struct sockaddr_storage address = place->address;
	char text[REPORT_MAX], cause[CAUSE_MAX];
	int error;

	report_address(&address, text);
	if (!rdma_ns_bind_addr(listener->id, (struct sockaddr *)&address) &&
	    !rdma_ns_listen(listener->id, CLIENTS_MAX))
		return STATUS_OK;
	error = errno;
	if (error == ENOTSUP && listener->options.netns)
		return place_is_exclusive("listen", &listener->options);
	if (error == EADDRINUSE)
		return failed(
			"listen: cannot listen on %s: another listener has it: 'rdma-ns show'",
			text);
	if (cause_of_no_listener(place, &address, cause))
		return failed("listen: cannot listen on %s: %s", text, cause);
	return failed("listen: cannot listen on %s: %s", text, strerror(error));
}

/* Has the address moved to another RDMA device or port, as a bond's does? */
static bool has_moved(const struct listener *listener)
{
	const struct rdma_cm_id *id = listener->id;
	char device[RDMA_NS_DEVICE_NAME_MAX];
	uint32_t port;

	/* A wildcard listens on all devices. */
	if (!id->verbs || !place_device(&listener->place, device, &port))
		return false;
	return port != id->port_num || strcmp(device, ibv_get_device_name(id->verbs->device));
}

static int follow_address(struct listener *listener)
{
	char text[REPORT_MAX];

	printf(listener->options.json ? "{\"event\":\"address_changed\",\"local\":\"%s\"}\n" :
					"the netdev of %s has another port now: still listening\n",
	       report_address(&listener->place.address, text));
	if (!has_moved(listener))
		return STATUS_OK;
	rdma_ns_destroy_id(listener->id);
	listener->id = place_new_id("listen", &listener->options, &listener->place);
	return listener->id ? bind_and_listen(listener) : STATUS_FAILED;
}

static int take_listener_event(struct listener *listener, enum rdma_cm_event_type type, int error)
{
	if (type == RDMA_CM_EVENT_ADDR_CHANGE)
		return follow_address(listener);
	if (type == RDMA_CM_EVENT_DEVICE_REMOVAL)
		return failed("listen: the RDMA device has been removed");
	return failed("listen: %s: %s", rdma_event_str(type), strerror(-error));
}

static int take_cm_event(struct listener *listener, struct rdma_cm_event *event)
{
	const enum rdma_cm_event_type type = event->event;
	const int error = event->status;
	struct rdma_cm_id *id = event->id;
	struct client *client = id->context;
	struct peer_hello hello;
	const void *data;
	size_t length;
	bool good;

	if (type == RDMA_CM_EVENT_CONNECT_REQUEST) {
		data = endpoint_private_data(event, &length);
		good = peer_hello_decode(data, length, &hello);
		rdma_ns_ack_cm_event(event);
		take_request(listener, id, good ? &hello : NULL);
		return STATUS_OK;
	}
	rdma_ns_ack_cm_event(event);
	if (id == listener->id)
		return take_listener_event(listener, type, error);
	switch (type) {
	case RDMA_CM_EVENT_ESTABLISHED:
	/* A bond has failed over: the connection may well live on. */
	case RDMA_CM_EVENT_ADDR_CHANGE:
	case RDMA_CM_EVENT_TIMEWAIT_EXIT:
		break;
	case RDMA_CM_EVENT_DISCONNECTED:
		rdma_disconnect(id);
		forget(listener, client, "disconnected");
		break;
	default:
		forget(listener, client, "connection failed");
	}
	return STATUS_OK;
}

/* Signals are blocked but for waits, and a wait for what has happened already lets none in. */
static bool is_over(const struct listener *listener)
{
	ppoll(NULL, 0, &(struct timespec){ 0 }, listener->signals);
	return endpoint_interrupted ||
	       (listener->options.count && listener->ended >= listener->options.count);
}

static int take_cm_events(struct listener *listener)
{
	struct rdma_cm_event *event;
	int status;

	/* Peers could keep the queue filled for ever. */
	while (!is_over(listener)) {
		if (rdma_ns_get_cm_event(listener->place.channel, &event)) {
			if (errno == EAGAIN || errno == EINTR)
				return STATUS_OK;
			return failed("listen: cannot get events: %s", strerror(errno));
		}
		status = take_cm_event(listener, event);
		if (status)
			return status;
	}
	return STATUS_OK;
}

/* Returns false if this client must be forgotten. */
static bool take_message(struct client *client, const uint8_t *message, size_t length)
{
	struct peer_header header;
	const enum peer_check check = peer_message_read(message, length, &header);

	if (check == PEER_BAD_HEADER || header.type != PEER_ASK || client->answer.type)
		return false;
	client->messages++;
	client->corrupted += check != PEER_GOOD;
	client->answer.type = check == PEER_GOOD ? PEER_ANSWER : PEER_CORRUPTED;
	client->answer.sequence = header.sequence;
	client->answer_size = check == PEER_GOOD ? (uint32_t)(length - PEER_HEADER_LENGTH) : 0;
	client->heard_ms = milliseconds();
	return true;
}

/* This is called once the last answer has been sent from the buffer. */
static bool answer(struct client *client)
{
	struct endpoint *endpoint = &client->endpoint;
	size_t length;

	if (!client->answer.type || endpoint->sending)
		return true;
	length = peer_message_write(&client->answer, client->answer_size,
				    endpoint_outgoing(endpoint));
	client->answer.type = 0;
	return !endpoint_receive(endpoint) && !endpoint_send(endpoint, length);
}

static void serve(struct listener *listener, struct client *client)
{
	enum ibv_wc_status status;
	const uint8_t *message;
	size_t length;
	bool good = true;

	while (good) {
		switch (endpoint_take(&client->endpoint, &message, &length, &status)) {
		case ENDPOINT_NOTHING:
			return;
		case ENDPOINT_SENT:
			good = answer(client);
			break;
		case ENDPOINT_RECEIVED:
			good = take_message(client, message, length) && answer(client);
			break;
		case ENDPOINT_BROKEN:
			/* If the client has disconnected, an event will say so. */
			if (status == IBV_WC_WR_FLUSH_ERR)
				return;
			good = false;
			break;
		}
	}
	forget(listener, client, listener->options.datagram ? "ended" : "broken");
}

static void forget_silent(struct listener *listener)
{
	const int64_t now = milliseconds();
	struct client *client, *next;

	for (client = listener->clients; client; client = next) {
		next = client->next;
		if (now - client->heard_ms > client->patience_ms)
			forget(listener, client, "silent for too long");
	}
}

static int run(struct listener *listener)
{
	struct epoll_event event;
	int status = STATUS_OK, count;

	while (!status && !is_over(listener)) {
		count = epoll_pwait(listener->epoll, &event, 1, listener->clients ? 1000 : -1,
				    listener->signals);
		if (count > 0 && event.data.ptr)
			serve(listener, event.data.ptr);
		else if (count > 0)
			status = take_cm_events(listener);
		else if (count < 0 && errno != EINTR)
			status = failed("listen: cannot wait: %s", strerror(errno));
		forget_silent(listener);
	}
	while (listener->clients) {
		if (!listener->options.datagram)
			rdma_disconnect(listener->clients->endpoint.id);
		forget(listener, listener->clients, "this side ends");
	}
	return status;
}

static int tell_sum(const struct listener *listener)
{
	printf(listener->options.json ? "{\"event\":\"statistics\",\"requests\":%" PRIu32
					",\"refused\":%" PRIu64 ",\"rejected\":%" PRIu64
					",\"messages\":%" PRIu64 ",\"corrupted\":%" PRIu64 "}\n" :
					"--- %" PRIu32 " requests, %" PRIu64
					" refused by policy, %" PRIu64 " rejected; %" PRIu64
					" messages, %" PRIu64 " corrupted\n",
	       listener->requests, listener->refused, listener->unwanted, listener->messages,
	       listener->corrupted);
	return listener->refused || listener->unwanted || listener->corrupted ? STATUS_FAILED :
										STATUS_OK;
}

static int start(struct listener *listener)
{
	char text[REPORT_MAX], cause[CAUSE_MAX];
	int status = bind_and_listen(listener);

	if (status)
		return status;
	listener->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (listener->epoll < 0 || watch(listener, listener->place.channel->fd, NULL))
		return failed("listen: cannot wait: %s", strerror(errno));
	report_address(&listener->place.address, text);
	/* It can listen, but nothing can arrive in the current state of the host. */
	if (cause_of_no_listener(&listener->place, &listener->place.address, cause))
		failed("listen: %s: %s", text, cause);
	printf(listener->options.json ? "{\"event\":\"listening\",\"local\":\"%s\"}\n" :
					"listening on %s\n",
	       text);
	return STATUS_OK;
}

int command_listen(const struct options *options, int count, char **words)
{
	struct listener listener = { .options.json = options->json, .epoll = -1 };
	int status = listen_options(count, words, &listener.options);

	if (status || listener.options.help)
		return status ? status : print(help);
	setvbuf(stdout, NULL, _IOLBF, 0);
	listener.signals = endpoint_signals();
	status = place_open("listen", &listener.options, &listener.place, &listener.id);
	if (status)
		return status;
	rdma_ns_set_observer(take_refused, &listener);
	status = start(&listener);
	if (!status)
		status = run(&listener);
	if (!status)
		status = tell_sum(&listener);
	if (listener.epoll >= 0)
		close(listener.epoll);
	if (listener.id)
		rdma_ns_destroy_id(listener.id);
	place_close(&listener.place);
	return status;
}
