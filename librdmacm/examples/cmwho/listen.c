// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmwho.h"

struct connection {
	struct rdma_cm_id *id;
	struct connection *next, **link;
};

struct listener {
	const struct cmwho_options *options;
	struct rdma_event_channel *channel;
	struct rdma_cm_id *id;
	struct connection *connections;
	unsigned int requests;
	bool failed, ended;
	uint8_t data[CMWHO_DATA_MAX];
	size_t data_length;
};

static struct connection *add_connection(struct listener *listener, struct rdma_cm_id *id)
{
	struct connection *connection = calloc(1, sizeof(*connection));

	if (!connection)
		return NULL;
	connection->id = id;
	connection->next = listener->connections;
	connection->link = &listener->connections;
	if (connection->next)
		connection->next->link = &connection->next;
	listener->connections = connection;
	id->context = connection;
	return connection;
}

static void end_connection(struct connection *connection)
{
	*connection->link = connection->next;
	if (connection->next)
		connection->next->link = connection->link;
	cmwho_destroy(connection->id);
	free(connection);
}

static void print_listening(const struct listener *listener)
{
	const struct cmwho_options *options = listener->options;
	const char *space = options->port_space == RDMA_PS_UDP ? "udp" : "tcp";
	char address[CMWHO_ADDRESS_MAX], name[CMWHO_TEXT_MAX];

	cmwho_address(rdma_get_local_addr(listener->id), true, address);
	cmwho_peer_name(options->name, strlen(options->name), name);
	if (options->json) {
		printf("{\"event\":\"listening\",\"name\":");
		cmwho_json_string(stdout, name);
		printf(",\"local\":\"%s\",\"port_space\":\"%s\"}\n", address, space);
	} else {
		printf("%s: listening on %s (%s)\n", name, address, space);
	}
}

static void print_request(const struct listener *listener, const struct rdma_cm_event *event)
{
	char name[CMWHO_TEXT_MAX], hex[CMWHO_HEX_MAX], own_name[CMWHO_TEXT_MAX];
	const struct cmwho_options *options = listener->options;
	const char *answer = options->reject ? "rejected" : "accepted";
	struct cmwho_port port;
	const void *data;
	size_t length;

	cmwho_describe(event->id, &port);
	cmwho_event_data(event, &data, &length);
	cmwho_peer_name(data, length, name);
	cmwho_hex(data, length, hex);
	if (options->json) {
		printf("{\"event\":\"request\",\"number\":%u,\"answer\":\"%s\",\"local\":\"%s\","
		       "\"peer\":\"%s\",\"device\":",
		       listener->requests, answer, port.local, port.peer);
		cmwho_json_string(stdout, port.device);
		printf(",\"device_port\":%u,\"from\":", port.device_port);
		cmwho_json_string(stdout, name);
		if (port.pkey)
			printf(",\"pkey\":\"0x%04x\"", port.pkey);
		printf(",\"private_data_length\":%zu,\"private_data\":\"%s\"}\n", length, hex);
		return;
	}
	cmwho_peer_name(options->name, strlen(options->name), own_name);
	printf("%s: request %u to %s from %s%s%s on %s port %u", own_name, listener->requests,
	       port.local, port.peer, *name ? " by " : "", name, port.device, port.device_port);
	if (port.pkey)
		printf(" P_Key 0x%04x", port.pkey);
	printf(": %s\n", answer);
	if (options->verbose)
		printf("%s: private data of request %u: %zu bytes %s\n", own_name,
		       listener->requests, length, hex);
}

static int answer(struct listener *listener, struct rdma_cm_id *id)
{
	struct rdma_conn_param param = {
		.private_data = listener->data,
		.private_data_len = (uint8_t)listener->data_length,
		.responder_resources = 1,
		.initiator_depth = 1,
		.rnr_retry_count = 7,
	};

	if (listener->options->reject)
		return rdma_reject(id, param.private_data, param.private_data_len);
	if (cmwho_create_qp(id))
		return -1;
	param.qp_num = id->qp->qp_num;
	return rdma_accept(id, &param);
}

static void handle_request(struct listener *listener, struct rdma_cm_event *event)
{
	bool lasting = !listener->options->reject && listener->options->port_space == RDMA_PS_TCP;
	struct rdma_cm_id *id = event->id;

	listener->requests++;
	print_request(listener, event);
	rdma_ack_cm_event(event);
	if (answer(listener, id)) {
		perror("cmwho: cannot answer a request");
		listener->failed = true;
		lasting = false;
		rdma_reject(id, NULL, 0);
	}
	/* A datagram has been answered for good; a connection is kept until one side ends it. */
	if (!lasting) {
		cmwho_destroy(id);
	} else if (!add_connection(listener, id)) {
		perror("cmwho: connection");
		listener->failed = true;
		cmwho_destroy(id);
	}
}

static void handle_event(struct listener *listener, struct rdma_cm_event *event)
{
	enum rdma_cm_event_type type = event->event;
	struct rdma_cm_id *id = event->id;
	int status = event->status;
	char text[128];

	if (type == RDMA_CM_EVENT_CONNECT_REQUEST) {
		handle_request(listener, event);
		return;
	}
	rdma_ack_cm_event(event);
	switch (type) {
	case RDMA_CM_EVENT_ESTABLISHED:
	case RDMA_CM_EVENT_TIMEWAIT_EXIT:
		return;
	case RDMA_CM_EVENT_DISCONNECTED:
		rdma_disconnect(id);
		break;
	default:
		cmwho_status(cmwho_event_name(type), status, text, sizeof(text));
		fprintf(stderr, "cmwho: %s: %s\n",
			id == listener->id ? "the listener" : "a connection", text);
	}
	/* The peer may end a connection, but a listener whose device was removed has failed. */
	if (id == listener->id)
		listener->ended = listener->failed = true;
	else
		end_connection(id->context);
}

static bool enough(const struct listener *listener)
{
	return listener->options->count && listener->requests >= listener->options->count;
}

static int serve(struct listener *listener)
{
	unsigned int timeout = listener->options->timeout;
	int64_t deadline = timeout ? cmwho_milliseconds() + timeout * INT64_C(1000) : -1;
	struct rdma_cm_event *event;

	while (!listener->ended && !ferror(stdout) &&
	       (!enough(listener) || listener->connections)) {
		if (!cmwho_next_event(listener->channel, deadline, &event)) {
			if (enough(listener) && event->event == RDMA_CM_EVENT_CONNECT_REQUEST) {
				struct rdma_cm_id *id = event->id;

				rdma_ack_cm_event(event);
				rdma_destroy_id(id);
				continue;
			}
			handle_event(listener, event);
			continue;
		}
		if (errno == EINTR)
			break;
		if (errno == ETIMEDOUT)
			fprintf(stderr, "cmwho: %u requests and no more within %u s\n",
				listener->requests, timeout);
		else
			perror("cmwho: event channel");
		return CMWHO_EXIT_FAILED;
	}
	return listener->failed ? CMWHO_EXIT_FAILED : CMWHO_EXIT_OK;
}

int cmwho_listen(const struct cmwho_options *options)
{
	struct sockaddr *address = (struct sockaddr *)&options->address;
	struct listener listener = { .options = options };
	char text[CMWHO_ADDRESS_MAX];
	int status = CMWHO_EXIT_FAILED;

	listener.data_length =
		cmwho_private_data(options->name, options->data_length, listener.data);
	listener.channel = cmwho_channel();
	if (!listener.channel)
		return CMWHO_EXIT_FAILED;
	cmwho_address(address, true, text);
	if (rdma_create_id(listener.channel, &listener.id, NULL, options->port_space)) {
		perror("cmwho: rdma_create_id");
	} else if (rdma_bind_addr(listener.id, address)) {
		fprintf(stderr, "cmwho: cannot bind to %s: %s%s\n", text, strerror(errno),
			errno == EADDRNOTAVAIL || errno == EADDRINUSE ?
				"; is the address this namespace's, and the port free?" :
				"");
	} else if (rdma_listen(listener.id, 128)) {
		fprintf(stderr, "cmwho: cannot listen on %s: %s\n", text, strerror(errno));
	} else {
		print_listening(&listener);
		status = serve(&listener);
	}
	while (listener.connections) {
		rdma_disconnect(listener.connections->id);
		end_connection(listener.connections);
	}
	if (listener.id)
		rdma_destroy_id(listener.id);
	rdma_destroy_event_channel(listener.channel);
	return status;
}
