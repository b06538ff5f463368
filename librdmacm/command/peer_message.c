// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <arpa/inet.h>
#include <endian.h>
#include <string.h>

#include "peer_message.h"

#define HELLO_MAGIC 0x4e53686cu
#define VIEW_MAGIC 0x4e537677u
#define REJECTION_MAGIC 0x4e53726au
#define MESSAGE_MAGIC 0x4e536d73u
#define VERSION 1

/* All fields are in network byte order. */
struct hello {
	uint32_t magic;
	uint8_t version;
	uint8_t zero[3];
	uint32_t size;
	uint32_t interval_ms;
};

struct view {
	uint32_t magic;
	uint8_t version;
	uint8_t verdict, reason, policy, decided_by, route, rule, decider, transport;
	uint8_t zero;
	uint16_t pkey;
	uint16_t vlan;
	uint16_t port;
	uint32_t ifindex;
	uint32_t local_qpn, peer_qpn, wanted_qpn;
	uint32_t candidates;
	uint32_t netns_high, netns_low;
	char name[RDMA_NS_NETDEV_NAME_MAX];
	char handling_name[RDMA_NS_NETDEV_NAME_MAX];
	char device[32];
	uint32_t zeros;
};

struct rejection {
	uint32_t magic;
	uint8_t version;
	uint8_t why;
	uint8_t zero[2];
};

struct header {
	uint32_t magic;
	uint32_t sequence;
	uint32_t size;
	uint8_t type;
	uint8_t zero[3];
};

_Static_assert(sizeof(struct hello) == PEER_HELLO_LENGTH, "hello");
_Static_assert(sizeof(struct rejection) == PEER_REJECTION_LENGTH, "rejection");
_Static_assert(sizeof(struct view) == PEER_VIEW_LENGTH, "view");
_Static_assert(sizeof(struct header) == PEER_HEADER_LENGTH, "header");

void peer_hello_encode(const struct peer_hello *hello, uint8_t bytes[PEER_HELLO_LENGTH])
{
	const struct hello wire = {
		.magic = htonl(HELLO_MAGIC),
		.version = VERSION,
		.size = htonl(hello->size),
		.interval_ms = htonl(hello->interval_ms),
	};

	memcpy(bytes, &wire, sizeof(wire));
}

bool peer_hello_decode(const void *data, size_t length, struct peer_hello *hello)
{
	struct hello wire;

	/* InfiniBand pads the data with zeros. */
	if (!data || length < sizeof(wire))
		return false;
	memcpy(&wire, data, sizeof(wire));
	hello->size = ntohl(wire.size);
	hello->interval_ms = ntohl(wire.interval_ms);
	return ntohl(wire.magic) == HELLO_MAGIC && wire.version == VERSION &&
	       hello->size <= PEER_SIZE_MAX;
}

void peer_view_encode(const struct rdma_ns_resolution *view, uint8_t bytes[PEER_VIEW_LENGTH])
{
	const struct rdma_ns_ingress *ingress = &view->ingress;
	struct view wire = {
		.magic = htonl(VIEW_MAGIC),
		.version = VERSION,
		.verdict = (uint8_t)view->verdict,
		.reason = (uint8_t)view->reason,
		.policy = (uint8_t)view->policy,
		.decided_by = (uint8_t)ingress->decided_by,
		.route = (uint8_t)ingress->route,
		.rule = (uint8_t)ingress->rule,
		.decider = (uint8_t)ingress->decider,
		.transport = (uint8_t)ingress->transport,
		.pkey = htons(ingress->pkey),
		.vlan = htons(ingress->vlan),
		.port = htons((uint16_t)ingress->port),
		.ifindex = htonl(ingress->ifindex),
		.local_qpn = htonl(ingress->local_qpn),
		.peer_qpn = htonl(ingress->peer_qpn),
		.wanted_qpn = htonl(ingress->wanted_qpn),
		.candidates = htonl(ingress->candidates),
		.netns_high = htonl((uint32_t)(ingress->netns >> 32)),
		.netns_low = htonl((uint32_t)ingress->netns),
	};

	memcpy(wire.name, ingress->name, strnlen(ingress->name, sizeof(wire.name) - 1));
	memcpy(wire.handling_name, ingress->handling_name,
	       strnlen(ingress->handling_name, sizeof(wire.handling_name) - 1));
	memcpy(wire.device, ingress->device, strnlen(ingress->device, sizeof(wire.device) - 1));
	memcpy(bytes, &wire, sizeof(wire));
}

bool peer_view_decode(const void *data, size_t length, struct rdma_ns_resolution *view)
{
	struct rdma_ns_ingress *ingress = &view->ingress;
	struct view wire;

	memset(view, 0, sizeof(*view));
	if (!data || length < sizeof(wire))
		return false;
	memcpy(&wire, data, sizeof(wire));
	if (ntohl(wire.magic) != VIEW_MAGIC || wire.version != VERSION)
		return false;
	view->listener = -1;
	/* A value of a later version is printed as "unknown". */
	view->verdict = wire.verdict;
	view->reason = wire.reason;
	view->policy = wire.policy;
	ingress->decided_by = wire.decided_by;
	ingress->route = wire.route;
	ingress->rule = wire.rule;
	ingress->decider = wire.decider;
	ingress->transport = wire.transport;
	ingress->pkey = ntohs(wire.pkey);
	ingress->vlan = ntohs(wire.vlan);
	ingress->port = ntohs(wire.port);
	ingress->ifindex = ntohl(wire.ifindex);
	ingress->local_qpn = ntohl(wire.local_qpn) & 0xffffff;
	ingress->peer_qpn = ntohl(wire.peer_qpn) & 0xffffff;
	ingress->wanted_qpn = ntohl(wire.wanted_qpn) & 0xffffff;
	ingress->candidates = ntohl(wire.candidates);
	ingress->netns = (uint64_t)ntohl(wire.netns_high) << 32 | ntohl(wire.netns_low);
	memcpy(ingress->name, wire.name, strnlen(wire.name, sizeof(ingress->name) - 1));
	memcpy(ingress->handling_name, wire.handling_name,
	       strnlen(wire.handling_name, sizeof(ingress->handling_name) - 1));
	memcpy(ingress->device, wire.device, strnlen(wire.device, sizeof(wire.device) - 1));
	return true;
}

void peer_rejection_encode(enum peer_rejection why, uint8_t bytes[PEER_REJECTION_LENGTH])
{
	const struct rejection wire = {
		.magic = htonl(REJECTION_MAGIC),
		.version = VERSION,
		.why = (uint8_t)why,
	};

	memcpy(bytes, &wire, sizeof(wire));
}

enum peer_rejection peer_rejection_decode(const void *data, size_t length)
{
	struct rejection wire;

	if (!data || length < sizeof(wire))
		return PEER_REJECTION_NONE;
	memcpy(&wire, data, sizeof(wire));
	if (ntohl(wire.magic) != REJECTION_MAGIC || wire.version != VERSION ||
	    wire.why > PEER_REJECTION_LAST)
		return PEER_REJECTION_NONE;
	return wire.why;
}

const char *peer_rejection_str(enum peer_rejection why)
{
	static const char *const words[] = {
		[PEER_REJECTION_NONE] = "nobody listens on this port, or not for this request",
		[PEER_NO_PING] = "the request is not one of 'rdma-ns ping'",
		[PEER_COUNT_REACHED] = "the listener has served as many requests as it was asked to",
		[PEER_FULL] = "the listener serves as many clients as it can: try again later",
		[PEER_NO_RESOURCES] = "the listener has no resources left: its output says which",
	};

	return words[why];
}

/* The data differ from those of earlier messages and of answers. */
static uint8_t pattern(const struct peer_header *header, uint32_t i)
{
	const uint32_t part = header->sequence >> (8 * (i % 4));

	return (uint8_t)(i * 7 + (i >> 8) + part * 31 + (uint32_t)header->type * 101);
}

size_t peer_message_write(const struct peer_header *header, uint32_t size, uint8_t *bytes)
{
	const struct header wire = {
		.magic = htonl(MESSAGE_MAGIC),
		.sequence = htonl(header->sequence),
		.size = htonl(size),
		.type = (uint8_t)header->type,
	};

	memcpy(bytes, &wire, sizeof(wire));
	for (uint32_t i = 0; i < size; i++)
		bytes[sizeof(wire) + i] = pattern(header, i);
	return sizeof(wire) + size;
}

enum peer_check peer_message_read(const uint8_t *bytes, size_t length, struct peer_header *header)
{
	struct header wire;

	if (length < sizeof(wire))
		return PEER_BAD_HEADER;
	memcpy(&wire, bytes, sizeof(wire));
	if (ntohl(wire.magic) != MESSAGE_MAGIC || wire.type < PEER_ASK || wire.type > PEER_END ||
	    wire.zero[0] || wire.zero[1] || wire.zero[2])
		return PEER_BAD_HEADER;
	header->type = wire.type;
	header->sequence = ntohl(wire.sequence);
	if (ntohl(wire.size) != length - sizeof(wire))
		return PEER_BAD_DATA;
	for (uint32_t i = 0; i < length - sizeof(wire); i++) {
		if (bytes[sizeof(wire) + i] != pattern(header, i))
			return PEER_BAD_DATA;
	}
	return PEER_GOOD;
}
