// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * rdma-ns ping: test whether a listener answers, on which netdev the request reached it, and
 * whether data come back.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "address.h"
#include "causes.h"
#include "endpoint.h"
#include "peer_message.h"
#include "place.h"
#include "refusal.h"
#include "report.h"
#include "rtt.h"

static const char help[] =
	"Usage: rdma-ns ping [OPTION]... ADDRESS\n"
	"\n"
	"Connect to \"rdma-ns listen\", print on which netdev and how the request arrived there, and send\n"
	"messages that the listener checks and answers.\n"
	"\n"
	"  -c, --count N           send N messages (without it, send until SIGINT)\n"
	"  -i, --interval SECONDS  pause between two messages (1)\n"
	"  -s, --size BYTES        send this much data in each message, up to 1M (64)\n"
	"  -W, --timeout SECONDS   give up a step of the connection, or an answer, after this time (10)\n"
	"  -p, --port PORT         connect to this port (7471)\n"
	"  -I, --netdev NETDEV     connect from this netdev, as with SO_BINDTODEVICE\n"
	"  -N, --netns NETNS       connect from this network namespace: a name of 'ip netns', a path, a\n"
	"                          process or a container, such as podman:0123456789ab\n"
	"  -P, --policy POLICY     judge the answer by policy: report, verify or strict (report)\n"
	"  -u, --udp               exchange datagrams (SIDR) instead of using a connection\n"
	"  -j, --json              print one JSON object a line\n"
	"  -q, --quiet             print no line for each message\n"
	"  -h, --help              print this text\n"
	"\n"
	"The exit status is 0 if all messages were answered, 1 if ping could not connect or was refused or\n"
	"a message was lost or corrupted, and 2 if the usage is wrong.\n";

struct ping {
	struct peer_options options;
	struct place place;
	struct rdma_cm_id *id; /* until it is the endpoint's */
	struct endpoint endpoint;
	const sigset_t *signals;
	char address[REPORT_MAX];
	bool connected, disconnected;
	uint32_t sent, answered, corrupted;
	struct rtt rtt;
};

static int64_t nanoseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static int64_t after(uint32_t milliseconds)
{
	return nanoseconds() + milliseconds * INT64_C(1000000);
}

/* Wait for an event or a completion. Returns -1 for ETIMEDOUT or EINTR. */
static int wait_until(const struct ping *ping, int64_t deadline)
{
	struct pollfd readable[] = {
		{ .fd = ping->place.channel->fd, .events = POLLIN },
		{ .fd = ping->endpoint.channel ? ping->endpoint.channel->fd : -1,
		  .events = POLLIN },
	};
	const int64_t left = deadline - nanoseconds();
	const struct timespec timeout = { left / 1000000000, left % 1000000000 };
	int count = 0;

	if (left > 0)
		count = ppoll(readable, 2, &timeout, ping->signals);
	if (endpoint_interrupted)
		errno = EINTR;
	else if (!count)
		errno = ETIMEDOUT;
	return count > 0 && !endpoint_interrupted ? 0 : -1;
}

/* Report what ends the attempt to connect; @what consists of words of this program. */
static int tell_failed(const struct ping *ping, const char *what, int status, const char *reason)
{
	if (ping->options.json) {
		printf("{\"event\":\"failed\",\"what\":\"%s\",\"status\":%d,\"reason\":", what,
		       status);
		print_json_string(reason);
		puts("}");
	}
	return failed("ping: %s: %s: %s", ping->address, what, reason);
}

/* Report an error that the state of this host may explain better than its errno. */
static int tell_errno(const struct ping *ping, const char *what, int error)
{
	const struct place *place = &ping->place;
	char cause[CAUSE_MAX];

	if (error != EINTR && cause_of_no_path(place, cause))
		return tell_failed(ping, what, -error, cause);
	return tell_failed(ping, what, -error, strerror(error));
}

static enum peer_rejection rejection_of(const struct rdma_cm_event *event)
{
	size_t length;
	const void *data = endpoint_private_data(event, &length);

	return peer_rejection_decode(data, length);
}

static const char *rejection(const struct rdma_cm_event *event)
{
	return peer_rejection_str(rejection_of(event));
}

/* The peer may by now have a QPN other than the one in its neighbour entry. */
static int tell_stale(const struct ping *ping, int status, const struct rdma_ns_exchange *exchange)
{
	/* A kernel says no more than that; no listener has seen the request then. */
	const char *what = exchange->refusal == RDMA_NS_REASON_NOT_DELIVERED ?
				   "refused by the peer's kernel" :
				   "refused by the listener's policy";
	const char *reason = rdma_ns_reason_str(exchange->refusal);
	char ip[INET6_ADDRSTRLEN] = "";

	inet_ntop(ping->place.address.ss_family, address_ip(&ping->place.address), ip, sizeof(ip));
	if (ping->options.json)
		printf("{\"event\":\"failed\",\"what\":\"%s\",\"status\":%d,\"reason\":\"%s\",\"neighbour_qpn\":\"0x%06" PRIx32
		       "\"}\n",
		       what, status, reason, exchange->wanted_qpn);
	return failed("ping: %s: %s: %s; the neighbour entry of %s, QPN 0x%06" PRIx32
		      ", may be stale: try again, or remove it by '%s neigh flush to %s'",
		      ping->address, what, reason, ip, exchange->wanted_qpn, ping->place.ip, ip);
}

static int tell_event(const struct ping *ping, const struct rdma_cm_event *event)
{
	struct rdma_ns_exchange exchange = { 0 };
	const int status = event->status;

	rdma_ns_get_exchange(event->id, &exchange, sizeof(exchange));
	if (refusal_may_be_stale(exchange.refusal) && exchange.wanted_qpn)
		return tell_stale(ping, status, &exchange);
	if (exchange.refusal != RDMA_NS_REASON_NONE)
		return tell_failed(ping, "refused by the listener's policy", status,
				   rdma_ns_reason_str(exchange.refusal));
	switch (event->event) {
	case RDMA_CM_EVENT_ADDR_ERROR:
		return tell_errno(ping, "cannot be resolved", -status);
	case RDMA_CM_EVENT_ROUTE_ERROR:
		return tell_errno(ping, "no path", -status);
	case RDMA_CM_EVENT_REJECTED:
		return tell_failed(ping, "rejected", status, rejection(event));
	case RDMA_CM_EVENT_UNREACHABLE:
		if (status <= 0)
			return tell_errno(ping, "unreachable", -status);
		return tell_failed(ping, rejection_of(event) ? "rejected" : "unreachable", status,
				   rejection(event));
	case RDMA_CM_EVENT_CONNECT_ERROR:
		if (status == -EREMCHG)
			return tell_failed(ping, "misdelivered", status,
					   "a netdev other than the one aimed at answered");
		return tell_failed(ping, "connection failed", status, strerror(-status));
	case RDMA_CM_EVENT_DEVICE_REMOVAL:
		return tell_failed(ping, "device removed", status,
				   "this side's RDMA device has gone");
	default:
		return tell_failed(ping, "not connected", status, rdma_event_str(event->event));
	}
}

/* The caller acknowledges the event. */
static int expect(const struct ping *ping, enum rdma_cm_event_type wanted, const char *what,
		  struct rdma_cm_event **event)
{
	const int64_t deadline = after(ping->options.timeout_ms);
	int status;

	for (;;) {
		if (rdma_ns_get_cm_event(ping->place.channel, event)) {
			if ((errno != EAGAIN && errno != EINTR) || wait_until(ping, deadline))
				return tell_errno(ping, what, errno);
		} else if ((*event)->event == RDMA_CM_EVENT_ADDR_CHANGE) {
			/* A bond has failed over; if that is the end, another event says so. */
			rdma_ns_ack_cm_event(*event);
		} else {
			break;
		}
	}
	if ((*event)->event == wanted && !(*event)->status)
		return STATUS_OK;
	status = tell_event(ping, *event);
	rdma_ns_ack_cm_event(*event);
	return status;
}

static int step(const struct ping *ping, enum rdma_cm_event_type wanted, const char *what)
{
	struct rdma_cm_event *event;
	int status = expect(ping, wanted, what, &event);

	if (!status)
		rdma_ns_ack_cm_event(event);
	return status;
}

static int resolve(struct ping *ping)
{
	struct sockaddr *address = (struct sockaddr *)&ping->place.address;
	int status;

	if (rdma_ns_resolve_addr(ping->id, NULL, address, (int)ping->options.timeout_ms)) {
		if (errno == ENOTSUP && ping->options.netns)
			return place_is_exclusive("ping", &ping->options);
		if (errno == EADDRNOTAVAIL && ping->options.netdev)
			return failed(
				"ping: netdev '%s' has no address from which %s can be reached: "
				"'rdma-ns netdevs' lists addresses",
				ping->options.netdev, ping->address);
		return tell_errno(ping, "cannot be resolved", errno);
	}
	status = step(ping, RDMA_CM_EVENT_ADDR_RESOLVED, "cannot be resolved");
	if (status)
		return status;
	if (rdma_resolve_route(ping->id, (int)ping->options.timeout_ms))
		return tell_errno(ping, "no path", errno);
	return step(ping, RDMA_CM_EVENT_ROUTE_RESOLVED, "no path");
}

static void tell_connected(const struct ping *ping, const struct rdma_ns_resolution *view)
{
	struct rdma_ns_exchange exchange = { 0 };
	struct rdma_cm_id *id = ping->endpoint.id;
	char text[REPORT_MAX];

	rdma_ns_get_exchange(id, &exchange, sizeof(exchange));
	report_address(&id->route.addr.src_storage, text);
	if (ping->options.json) {
		printf("{\"event\":\"connected\",\"local\":\"%s\",\"peer\":\"%s\",\"size\":%" PRIu32,
		       text, ping->address, ping->options.size);
		printf(",\"resolution\":{%s}", report_resolution(view, true, text));
		printf(",\"exchange\":{%s}}\n", report_exchange(&exchange, true, text));
		return;
	}
	printf("PING %s from %s, %" PRIu32 " bytes of data\n", ping->address, text,
	       ping->options.size);
	printf("listener's side: %s\n", report_resolution(view, false, text));
	printf("this side: %s\n", report_exchange(&exchange, false, text));
}

static int take_reply(struct ping *ping, const struct rdma_cm_event *event)
{
	struct rdma_ns_resolution view;
	size_t length;
	const void *data = endpoint_private_data(event, &length);

	if (!peer_view_decode(data, length, &view))
		return tell_failed(ping, "answered", 0,
				   "but the answer is not from 'rdma-ns listen'");
	if (ping->options.datagram && endpoint_aim(&ping->endpoint, &event->param.ud))
		return tell_errno(ping, "cannot create an address handle", errno);
	tell_connected(ping, &view);
	return STATUS_OK;
}

static int start(struct ping *ping)
{
	const struct peer_hello hello = { ping->options.size, ping->options.interval_ms };
	uint8_t bytes[PEER_HELLO_LENGTH];
	struct rdma_conn_param param = {
		.private_data = bytes,
		.private_data_len = sizeof(bytes),
		.responder_resources = 1,
		.initiator_depth = 1,
		.retry_count = 7,
		.rnr_retry_count = 7,
	};
	struct rdma_cm_id *id = ping->id;
	struct rdma_cm_event *event;
	int status;

	ping->id = NULL;
	if (endpoint_create(&ping->endpoint, id, ping->options.size))
		return tell_errno(ping, "cannot create a queue pair", errno);
	if (ping->options.size > endpoint_size_max(id))
		return failed("ping: %s: a datagram has room for %" PRIu32
			      " bytes here, not %" PRIu32,
			      ping->address, endpoint_size_max(id), ping->options.size);
	param.qp_num = id->qp->qp_num;
	peer_hello_encode(&hello, bytes);
	if (rdma_ns_connect(id, &param))
		return tell_errno(ping, "cannot connect", errno);
	status = expect(ping, RDMA_CM_EVENT_ESTABLISHED, "no answer", &event);
	if (status)
		return status;
	ping->connected = true;
	status = take_reply(ping, event);
	rdma_ns_ack_cm_event(event);
	return status;
}

/* From now on, only events that end the connection come. */
static void take_cm_events(struct ping *ping)
{
	struct rdma_cm_event *event;

	while (!rdma_ns_get_cm_event(ping->place.channel, &event)) {
		if (event->event == RDMA_CM_EVENT_DISCONNECTED ||
		    event->event == RDMA_CM_EVENT_DEVICE_REMOVAL)
			ping->disconnected = true;
		rdma_ns_ack_cm_event(event);
	}
}

static void tell_message(const struct ping *ping, const char *event, uint32_t sequence, double time)
{
	if (ping->options.quiet)
		return;
	if (ping->options.json && time >= 0)
		printf("{\"event\":\"%s\",\"sequence\":%" PRIu32 ",\"time_ms\":%.3f}\n", event,
		       sequence, time);
	else if (ping->options.json)
		printf("{\"event\":\"%s\",\"sequence\":%" PRIu32 "}\n", event, sequence);
	else if (time >= 0)
		printf("%" PRIu32 " bytes from %s: seq=%" PRIu32 " time=%.3f ms\n",
		       ping->options.size, ping->address, sequence, time);
	else
		printf("seq=%" PRIu32 " %s\n", sequence, event);
}

/* Returns true if the answer to this message has come, good or bad. */
static bool take_answer(struct ping *ping, uint32_t sequence, int64_t began)
{
	struct peer_header header = { 0 };
	enum ibv_wc_status status;
	const uint8_t *message;
	enum peer_check check;
	bool answered = false;
	size_t length;
	double time;

	for (;;) {
		switch (endpoint_take(&ping->endpoint, &message, &length, &status)) {
		case ENDPOINT_NOTHING:
			return answered;
		case ENDPOINT_SENT:
			break;
		case ENDPOINT_BROKEN:
			if (!ping->disconnected)
				failed("ping: the connection broke: %s", ibv_wc_status_str(status));
			ping->disconnected = true;
			return answered;
		case ENDPOINT_RECEIVED:
			check = peer_message_read(message, length, &header);
			/* An answer to an earlier message is too late; this one's needs room. */
			if (check != PEER_BAD_HEADER && header.sequence != sequence) {
				ping->disconnected |= endpoint_receive(&ping->endpoint) != 0;
				break;
			}
			answered = true;
			if (check == PEER_GOOD && header.type == PEER_ANSWER &&
			    length == PEER_HEADER_LENGTH + ping->options.size) {
				time = (double)(nanoseconds() - began) / 1e6;
				rtt_add(&ping->rtt, time);
				ping->answered++;
				tell_message(ping, "answer", sequence, time);
			} else {
				ping->corrupted++;
				tell_message(ping, "corrupted", sequence, -1);
			}
			break;
		}
	}
}

/* Exchange one message and its answer. */
static void exchange(struct ping *ping)
{
	const struct peer_header header = { PEER_ASK, ++ping->sent };
	const size_t length =
		peer_message_write(&header, ping->options.size, endpoint_outgoing(&ping->endpoint));
	const int64_t began = nanoseconds(), deadline = after(ping->options.timeout_ms);
	bool answered = false;

	if (!ping->endpoint.receiving && endpoint_receive(&ping->endpoint))
		ping->disconnected = true;
	else if (endpoint_send(&ping->endpoint, length))
		ping->disconnected = true;
	/* The previous message must have been sent before the next one takes its place. */
	while (!ping->disconnected && (!answered || ping->endpoint.sending)) {
		answered |= take_answer(ping, header.sequence, began);
		take_cm_events(ping);
		if (answered && !ping->endpoint.sending)
			break;
		if (!ping->disconnected && wait_until(ping, deadline))
			break;
	}
	/* A user who ends ping while an answer is on its way has not lost a message. */
	if (!answered && endpoint_interrupted && !ping->disconnected) {
		ping->sent--;
		return;
	}
	if (!answered)
		tell_message(ping, "lost", header.sequence, -1);
	if (ping->endpoint.sending)
		ping->disconnected = true;
}

static void pause_until(struct ping *ping, int64_t deadline)
{
	while (!endpoint_interrupted && !ping->disconnected && !wait_until(ping, deadline)) {
		take_answer(ping, 0, 0);
		take_cm_events(ping);
	}
}

static int run(struct ping *ping)
{
	while (!endpoint_interrupted && !ping->disconnected) {
		const int64_t next = after(ping->options.interval_ms);

		exchange(ping);
		if (ping->sent == ping->options.count)
			break;
		pause_until(ping, next);
	}
	if (ping->disconnected)
		return failed("ping: %s: the connection has ended", ping->address);
	return STATUS_OK;
}

static int tell_statistics(const struct ping *ping)
{
	const uint32_t lost = ping->sent - ping->answered - ping->corrupted;
	const struct rtt *rtt = &ping->rtt;

	if (ping->options.json) {
		printf("{\"event\":\"statistics\",\"sent\":%" PRIu32 ",\"answered\":%" PRIu32
		       ",\"lost\":%" PRIu32 ",\"corrupted\":%" PRIu32,
		       ping->sent, ping->answered, lost, ping->corrupted);
		if (rtt->count)
			printf(",\"min_ms\":%.3f,\"avg_ms\":%.3f,\"max_ms\":%.3f,\"mdev_ms\":%.3f",
			       rtt->least, rtt->mean, rtt->greatest, rtt_deviation(rtt));
		puts("}");
	} else {
		printf("--- %s: %" PRIu32 " sent, %" PRIu32 " answered, %" PRIu32 " lost, %" PRIu32
		       " corrupted\n",
		       ping->address, ping->sent, ping->answered, lost, ping->corrupted);
		if (rtt->count)
			printf("rtt min/avg/max/mdev = %.3f/%.3f/%.3f/%.3f ms\n", rtt->least,
			       rtt->mean, rtt->greatest, rtt_deviation(rtt));
	}
	return ping->sent && ping->sent == ping->answered ? STATUS_OK : STATUS_FAILED;
}

static void end(struct ping *ping)
{
	const struct peer_header header = { PEER_END, ping->sent };
	const int64_t deadline = after(1000);

	if (!ping->connected || ping->disconnected)
		return;
	if (!ping->options.datagram) {
		if (rdma_disconnect(ping->endpoint.id))
			return;
		while (!ping->disconnected && !wait_until(ping, deadline))
			take_cm_events(ping);
		return;
	}
	if (!ping->endpoint.sending &&
	    !endpoint_send(&ping->endpoint,
			   peer_message_write(&header, 0, endpoint_outgoing(&ping->endpoint)))) {
		while (ping->endpoint.sending && !ping->disconnected && !wait_until(ping, deadline))
			take_answer(ping, 0, 0);
	}
}

int command_ping(const struct options *options, int count, char **words)
{
	struct ping ping = { .options.json = options->json };
	int status = ping_options(count, words, &ping.options);

	if (status || ping.options.help)
		return status ? status : print(help);
	setvbuf(stdout, NULL, _IOLBF, 0);
	ping.signals = endpoint_signals();
	status = place_open("ping", &ping.options, &ping.place, &ping.id);
	if (status)
		return status;
	report_address(&ping.place.address, ping.address);
	status = resolve(&ping);
	if (!status)
		status = start(&ping);
	if (!status) {
		status = run(&ping);
		status |= tell_statistics(&ping);
	}
	end(&ping);
	endpoint_destroy(&ping.endpoint);
	if (ping.id)
		rdma_ns_destroy_id(ping.id);
	place_close(&ping.place);
	return status;
}
