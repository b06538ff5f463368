// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * rdma-ns ping against a listener that answers late: what follows is not lost. The connection is
 * made up; as on a real one, a message comes only where a receive has been posted for it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "causes.h"
#include "endpoint.h"
#include "peer_message.h"

#define LATE 2 /* the answer to this message comes with that to the next one */
#define DATA 64

volatile sig_atomic_t endpoint_interrupted;

static struct rdma_event_channel events;
static struct ibv_comp_channel completions;
static struct rdma_cm_id id;
static struct ibv_qp qp;
static enum rdma_cm_event_type next_event;
static bool waiting; /* the next event */
static uint8_t outgoing[PEER_HEADER_LENGTH + DATA], incoming[PEER_HEADER_LENGTH + DATA];
static uint32_t answers[16];
static size_t first, last;
static bool sent;

const sigset_t *endpoint_signals(void)
{
	static sigset_t none;

	return &none;
}

int place_open(const char *command, const struct peer_options *options, struct place *place,
	       struct rdma_cm_id **made)
{
	assert_string_equal(command, "ping");
	assert_int_equal(options->size, DATA);
	place->address.ss_family = AF_INET;
	place->channel = &events;
	*made = &id;
	return STATUS_OK;
}

void place_close(struct place *place)
{
	(void)place;
}

int place_is_exclusive(const char *command, const struct peer_options *options)
{
	(void)command;
	(void)options;
	return STATUS_FAILED;
}

bool cause_of_no_path(const struct place *place, char text[CAUSE_MAX])
{
	(void)place;
	(void)text;
	return false;
}

static int expect_event(enum rdma_cm_event_type type)
{
	next_event = type;
	waiting = true;
	return 0;
}

int rdma_ns_resolve_addr(struct rdma_cm_id *of, struct sockaddr *source,
			 struct sockaddr *destination, int timeout_ms)
{
	(void)of;
	(void)source;
	(void)destination;
	(void)timeout_ms;
	return expect_event(RDMA_CM_EVENT_ADDR_RESOLVED);
}

int rdma_resolve_route(struct rdma_cm_id *of, int timeout_ms)
{
	(void)of;
	(void)timeout_ms;
	return expect_event(RDMA_CM_EVENT_ROUTE_RESOLVED);
}

int rdma_ns_connect(struct rdma_cm_id *of, struct rdma_conn_param *param)
{
	(void)of;
	(void)param;
	return expect_event(RDMA_CM_EVENT_ESTABLISHED);
}

int rdma_disconnect(struct rdma_cm_id *of)
{
	(void)of;
	return expect_event(RDMA_CM_EVENT_DISCONNECTED);
}

int rdma_ns_get_cm_event(struct rdma_event_channel *channel, struct rdma_cm_event **event)
{
	static uint8_t view[PEER_VIEW_LENGTH];
	static struct rdma_cm_event made;

	(void)channel;
	if (!waiting) {
		errno = EAGAIN;
		return -1;
	}
	made = (struct rdma_cm_event){ .id = &id, .event = next_event };
	if (next_event == RDMA_CM_EVENT_ESTABLISHED) {
		peer_view_encode(&(struct rdma_ns_resolution){ .listener = -1 }, view);
		made.param.conn.private_data = view;
		made.param.conn.private_data_len = sizeof(view);
	}
	waiting = false;
	*event = &made;
	return 0;
}

int rdma_ns_ack_cm_event(struct rdma_cm_event *event)
{
	(void)event;
	return 0;
}

int rdma_ns_get_exchange(struct rdma_cm_id *of, struct rdma_ns_exchange *exchange, size_t size)
{
	(void)of;
	memset(exchange, 0, size);
	return 0;
}

int rdma_ns_destroy_id(struct rdma_cm_id *of)
{
	(void)of;
	return 0;
}

const void *endpoint_private_data(const struct rdma_cm_event *event, size_t *length)
{
	*length = event->param.conn.private_data_len;
	return event->param.conn.private_data;
}

uint32_t endpoint_size_max(const struct rdma_cm_id *of)
{
	(void)of;
	return PEER_SIZE_MAX;
}

int endpoint_create(struct endpoint *endpoint, struct rdma_cm_id *of, uint32_t size)
{
	(void)size;
	of->qp = &qp;
	*endpoint = (struct endpoint){ .id = of, .channel = &completions };
	return endpoint_receive(endpoint);
}

void endpoint_destroy(struct endpoint *endpoint)
{
	memset(endpoint, 0, sizeof(*endpoint));
}

int endpoint_aim(struct endpoint *endpoint, const struct rdma_ud_param *param)
{
	(void)endpoint;
	(void)param;
	return -1;
}

uint8_t *endpoint_outgoing(const struct endpoint *endpoint)
{
	(void)endpoint;
	return outgoing;
}

int endpoint_receive(struct endpoint *endpoint)
{
	assert_false(endpoint->receiving);
	endpoint->receiving = true;
	return 0;
}

int endpoint_send(struct endpoint *endpoint, size_t length)
{
	struct peer_header header;

	assert_int_equal(peer_message_read(outgoing, length, &header), PEER_GOOD);
	answers[last++] = header.sequence;
	endpoint->sending = sent = true;
	return 0;
}

enum endpoint_event endpoint_take(struct endpoint *endpoint, const uint8_t **message,
				  size_t *length, enum ibv_wc_status *status)
{
	struct peer_header header = { .type = PEER_ANSWER };

	*status = IBV_WC_SUCCESS;
	if (sent) {
		endpoint->sending = sent = false;
		return ENDPOINT_SENT;
	}
	if (first == last || !endpoint->receiving || (answers[first] == LATE && first + 1 == last))
		return ENDPOINT_NOTHING;
	header.sequence = answers[first++];
	endpoint->receiving = false;
	*length = peer_message_write(&header, DATA, incoming);
	*message = incoming;
	return ENDPOINT_RECEIVED;
}

static int ping(char *text, size_t size)
{
	char *words[] = { "ping", "-c", "6", "-W", "0.3", "-i", "0", "-j", "10.0.0.5", NULL };
	const int output = dup(STDOUT_FILENO), file = memfd_create("output", 0);
	const struct options options = { 0 };
	ssize_t length;
	int status;

	events.fd = eventfd(0, 0);
	completions.fd = eventfd(1, 0); /* always readable, as after a flood of notifications */
	assert_true(output >= 0 && file >= 0 && events.fd >= 0 && completions.fd >= 0);
	fflush(stdout);
	dup2(file, STDOUT_FILENO);
	status = command_ping(&options, 9, words);
	fflush(stdout);
	dup2(output, STDOUT_FILENO);
	length = pread(file, text, size - 1, 0);
	assert_true(length > 0);
	text[length] = '\0';
	close(output);
	close(file);
	close(events.fd);
	close(completions.fd);
	return status;
}

static void test_late_answer(void **state)
{
	char text[4096];

	(void)state;
	assert_int_equal(ping(text, sizeof(text)), STATUS_FAILED);
	print_message("%s", text);
	assert_non_null(strstr(text, "{\"event\":\"lost\",\"sequence\":2}"));
	assert_non_null(strstr(text, "\"sent\":6,\"answered\":5,\"lost\":1,\"corrupted\":0"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_late_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
