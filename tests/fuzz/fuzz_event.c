// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Events as librdmacm hands them on, with private data from the peer: requests, with the kernel's
 * record or without, answers, and looks. The first byte says which event, the rest are the data.
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "active.h"
#include "cm_id.h"
#include "kernel_cm.h"
#include "look.h"
#include "passive.h"
#include "real.h"
#include "resolution_check.h"

#define LOOK_MAGIC 8 /* the length of a look's, and of the answer's to it */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const struct real *__wrap_real_librdmacm(void);

static struct {
	int rejected, acknowledged, destroyed;
	uint8_t answer;
} seen;

static int reject(struct rdma_cm_id *id, const void *data, uint8_t length)
{
	(void)id;
	if (!data != !length || (length && length != LOOK_MAGIC))
		abort();
	seen.rejected++;
	seen.answer = length;
	return 0;
}

static int acknowledge(struct rdma_cm_event *event)
{
	(void)event;
	seen.acknowledged++;
	return 0;
}

static int destroy(struct rdma_cm_id *id)
{
	(void)id;
	seen.destroyed++;
	return 0;
}

/* In the place of librdmacm. */
const struct real *__wrap_real_librdmacm(void)
{
	static const struct real real = {
		.reject = reject,
		.ack_cm_event = acknowledge,
		.destroy_id = destroy,
	};

	return &real;
}

/* The application gets its data as they were sent, but for what others have added: zeros. */
static void check_data(const struct rdma_cm_event *event, const uint8_t *data, size_t size,
		       size_t added)
{
	const uint8_t *left;
	size_t length;

	left = cm_event_data(event, &length);
	if (length != size && length + added != size)
		abort();
	for (size_t i = 0; i < length; i++) {
		if (left[i] && left[i] != data[i])
			abort();
	}
}

static void check_request(struct rdma_cm_event *event, const uint8_t *data, size_t size,
			  enum rdma_ns_policy policy)
{
	struct id_state listener = { .policy = policy }, accepted;
	struct qpn_record record;
	const int datagram = cm_id_is_datagram(event->id);

	memcpy(&listener.cookie, "a cookie", sizeof(listener.cookie));
	passive_judge(event, &listener, &accepted);
	check_data(event, data, size, sizeof(struct rdma_user_cm_ns_record));
	check_resolution(&accepted.resolution);
	check_exchange(&accepted.exchange);
	if (!accepted.passive || accepted.id != event->id || accepted.resolution.policy < policy ||
	    accepted.exchange.received > 1)
		abort();
	/* As a look, it is answered at most once, and nothing of it is found a second time. */
	memset(&seen, 0, sizeof(seen));
	look_take(event);
	if (seen.rejected != 1 || seen.acknowledged != 1 || seen.destroyed != 1 ||
	    look_find(event->id, &record) > !!seen.answer ||
	    (seen.answer && (!datagram || size < RDMA_CM_NS_SIDR_REQ_LENGTH)) ||
	    look_find(event->id, &record))
		abort();
}

static void check_answer(struct rdma_cm_event *event, const uint8_t *data, size_t size,
			 enum rdma_ns_sent sent)
{
	struct id_state state = {
		.id = event->id,
		.active = true,
		.exchange = { .sent = sent, .wanted_qpn = 0x123456 },
	};

	active_reply(&state, event);
	check_data(event, data, size, 0);
	check_exchange(&state.exchange);
	if (!state.reply_seen ||
	    (state.exchange.received && sent != RDMA_NS_SENT && sent != RDMA_NS_SENT_AHEAD) ||
	    (state.exchange.answer == RDMA_NS_ANSWER_AS_AIMED &&
	     state.exchange.peer_qpn != state.exchange.wanted_qpn) ||
	    (state.exchange.peer_qpn && !state.exchange.received))
		abort();
}

/* Of a connection from port 40722 to port 7471, whose @own end this is. */
static void put_addresses(struct rdma_cm_id *id, sa_family_t family, bool listens)
{
	struct sockaddr_in *own = (void *)&id->route.addr.src_storage;
	struct sockaddr_in *peer = (void *)&id->route.addr.dst_storage;

	own->sin_family = peer->sin_family = family;
	own->sin_port = htons(listens ? 7471 : 40722);
	peer->sin_port = htons(listens ? 40722 : 7471);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum rdma_cm_event_type types[] = {
		RDMA_CM_EVENT_CONNECT_REQUEST,
		RDMA_CM_EVENT_ESTABLISHED,
		RDMA_CM_EVENT_REJECTED,
		RDMA_CM_EVENT_UNREACHABLE,
	};
	struct rdma_cm_id id = { .ps = RDMA_PS_TCP, .port_num = 1 }, listener = id;
	struct rdma_cm_event event = { .id = &id, .listen_id = &listener };
	uint8_t choice, *copy;

	if (!size || size > 256)
		return 0;
	choice = *data++;
	size--;
	/* On its own, so that a read past its end is seen. */
	copy = malloc(size ? size : 1);
	if (!copy)
		abort();
	memcpy(copy, data, size);
	event.event = types[choice % 4];
	if (choice & 4) {
		id.qp_type = IBV_QPT_UD;
		event.param.ud.private_data = size ? copy : NULL;
		event.param.ud.private_data_len = (uint8_t)size;
	} else {
		id.qp_type = IBV_QPT_RC;
		event.param.conn.private_data = size ? copy : NULL;
		event.param.conn.private_data_len = (uint8_t)size;
	}
	put_addresses(&id, choice & 8 ? AF_INET6 : AF_INET,
		      event.event == RDMA_CM_EVENT_CONNECT_REQUEST);
	listener.route.addr.src_storage = id.route.addr.src_storage;
	if (event.event == RDMA_CM_EVENT_CONNECT_REQUEST)
		check_request(&event, data, size, (choice >> 4) % (RDMA_NS_POLICY_LAST + 1));
	else
		check_answer(&event, data, size, (choice >> 4) % (RDMA_NS_SENT_AHEAD + 1));
	free(copy);
	return 0;
}
