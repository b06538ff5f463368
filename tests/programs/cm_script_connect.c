// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* The active side: connections, RDMA's and TCP's, while the listeners are served. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <rdma/rdma_cm_ns_wire.h>
#include <rdma/rdma_user_cm_ns.h>

#include "cm_script.h"
#include "own_qp.h"
#include "parse.h"

/* Serves the listeners meanwhile. */
static struct rdma_cm_event *next_event(struct rdma_event_channel *channel)
{
	struct pollfd ready[ENDPOINTS + 1];
	struct endpoint *owners[ENDPOINTS + 1];
	struct rdma_cm_event *event;
	nfds_t number;

	for (;;) {
		ready[0] = (struct pollfd){ .fd = channel->fd, .events = POLLIN };
		number = request_channels(ready, owners, 1);
		/* Longer than the kernel, whose error says what it waited for. */
		if (poll(ready, number, 2 * TIMEOUT_MS) <= 0)
			return NULL;
		for (nfds_t i = 1; i < number; i++) {
			if (ready[i].revents)
				request_answer(owners[i]);
		}
		if (ready[0].revents)
			return rdma_get_cm_event(channel, &event) ? NULL : event;
	}
}

static void print_refusal(const struct rdma_cm_event *event, bool datagram)
{
	const void *data = datagram ? event->param.ud.private_data : event->param.conn.private_data;
	size_t length =
		datagram ? event->param.ud.private_data_len : event->param.conn.private_data_len;
	struct rdma_cm_ns_refusal refusal = { 0 };

	if (data && length >= sizeof(refusal))
		memcpy(&refusal, data, sizeof(refusal));
	if (ntohl(refusal.magic) == RDMA_CM_NS_REFUSAL_MAGIC)
		printf("%s reason %u\n", rdma_event_str(event->event), refusal.reason);
	else
		printf("%s %d\n", rdma_event_str(event->event), event->status);
}

/* True when @wanted has come; otherwise what came has been printed. */
static bool step(struct rdma_event_channel *channel, int status, enum rdma_cm_event_type wanted,
		 bool datagram)
{
	struct rdma_cm_event *event;
	bool came;

	if (status) {
		result(status);
		return false;
	}
	event = next_event(channel);
	if (!event) {
		puts("TIMEOUT");
		return false;
	}
	came = event->event == wanted || (wanted == RDMA_CM_EVENT_ESTABLISHED &&
					  event->event == RDMA_CM_EVENT_CONNECT_RESPONSE);
	if (!came)
		print_refusal(event, datagram);
	else if (wanted == RDMA_CM_EVENT_ESTABLISHED)
		printf("%s\n", (const char *)(datagram ? event->param.ud.private_data :
							 event->param.conn.private_data));
	rdma_ack_cm_event(event);
	return came;
}

static void connect_rdma(struct endpoint *client, struct sockaddr *address, const char *command)
{
	struct rdma_conn_param param = { .responder_resources = 1, .initiator_depth = 1 };
	const bool datagram = client->id->ps == RDMA_PS_UDP;
	struct ibv_qp *qp;
	int status;

	if (!step(client->channel, rdma_resolve_addr(client->id, NULL, address, TIMEOUT_MS),
		  RDMA_CM_EVENT_ADDR_RESOLVED, datagram) ||
	    !step(client->channel, rdma_resolve_route(client->id, TIMEOUT_MS),
		  RDMA_CM_EVENT_ROUTE_RESOLVED, datagram))
		return;
	qp = own_qp(client->id->verbs);
	param.qp_num = qp->qp_num;
	status = rdma_connect(client->id, &param);
	if (!status && !strcmp(command, "give-up")) {
		usleep(GIVE_UP_MS * 1000);
		status = rdma_disconnect(client->id);
	}
	if (!status && !strcmp(command, "refuse-own"))
		result(rdma_reject(client->id, NULL, 0));
	else
		step(client->channel, status, RDMA_CM_EVENT_ESTABLISHED, datagram);
	ibv_destroy_qp(qp);
}

static bool is_listening(const struct endpoint *endpoint)
{
	socklen_t size = sizeof(int);
	int listening = 0;

	return endpoint->is_tcp && !endpoint->connects &&
	       !getsockopt(endpoint->socket, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) &&
	       listening;
}

/* The client may know of the connection before the listener does. */
static void accept_tcp(void)
{
	struct pollfd ready[ENDPOINTS];

	for (size_t i = 0; i < ENDPOINTS; i++)
		ready[i] = (struct pollfd){
			.fd = is_listening(&endpoints[i]) ? endpoints[i].socket : -1,
			.events = POLLIN,
		};
	poll(ready, ENDPOINTS, TIMEOUT_MS);
	for (size_t i = 0; i < ENDPOINTS; i++) {
		int fd = ready[i].revents & POLLIN ? accept(ready[i].fd, NULL, NULL) : -1;

		if (fd < 0)
			continue;
		puts(endpoints[i].name);
		close(fd);
		return;
	}
	puts("nobody");
}

static void connect_tcp(struct endpoint *client, struct sockaddr *address, socklen_t length)
{
	struct pollfd ready = { .fd = client->socket, .events = POLLOUT };
	socklen_t size = sizeof(errno);
	int error = 0;

	if (connect(client->socket, address, length) && errno != EINPROGRESS) {
		result(-1);
		return;
	}
	if (poll(&ready, 1, TIMEOUT_MS) <= 0)
		error = ETIMEDOUT;
	else
		getsockopt(client->socket, SOL_SOCKET, SO_ERROR, &error, &size);
	if (error) {
		errno = error;
		result(-1);
		return;
	}
	accept_tcp();
}

void connect_once(char **words)
{
	struct sockaddr_storage address;
	struct endpoint *client = endpoint_find("");
	socklen_t length = parse_address(words[3], words[4], &address);
	unsigned char exchange[4];

	memset(client, 0, sizeof(*client));
	strcpy(client->name, "client");
	client->connects = true;
	if (endpoint_open(client, words[1], words[2], address.ss_family) ||
	    (words[5] && strcmp(words[5], "-") && endpoint_bind_netdev(client, words[5])))
		result(-1);
	else if (words[5] && words[6] &&
		 rdma_set_option(client->id, RDMA_OPTION_NS, RDMA_OPTION_NS_EXCHANGE, exchange,
				 parse_hex(words[6], exchange, sizeof(exchange))))
		result(-1);
	else if (client->is_tcp)
		connect_tcp(client, (struct sockaddr *)&address, length);
	else
		connect_rdma(client, (struct sockaddr *)&address, words[0]);
	endpoint_close(client);
}
