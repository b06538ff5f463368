// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Usage: cm-arrive NETDEV LLADDR PEER-NETNS PEER-NETDEV PEER-LLADDR P_KEY
 *
 * What becomes of a packet and of a connection request with the same addresses and ports, which
 * need not be those of any netdev: each line of standard input is
 *
 *   SOURCE PORT DESTINATION PORT
 *
 * for a UDP datagram, put on the wire from the IPoIB netdev NETDEV of the caller's network
 * namespace to PEER-NETDEV, and for a request with that RDMA CM header, put there by AF_IB, with
 * PEER-NETDEV's QPN. In PEER-NETNS wildcards listen at the destination's port. Prints "delivered"
 * or "dropped", and the handling netdev or "refused REASON" (of enum rdma_ns_reason; 0: none was
 * given).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rdma/rdma_cm_ns_wire.h>
#include <rdma/rdma_cma.h>

#include "ingress.h"
#include "netns.h"
#include "own_qp.h"
#include "resolve.h"

#define TIMEOUT_MS 4000
#define LINK_LENGTH 20
#define PORTS 16
#define COOKIE 0x1122334455667788u
#define TRAILER 76
#define REQUEST_LENGTH 92

struct address {
	int version;
	uint8_t bytes[16]; /* as in the RDMA CM header: IPv4 in the last 4 */
	uint16_t port;
};

/* IPoIB's link-layer addresses are longer than sockaddr_ll. */
union link_address {
	struct sockaddr_ll ll;
	uint8_t room[offsetof(struct sockaddr_ll, sll_addr) + LINK_LENGTH];
};

struct service {
	uint16_t port;
	int datagrams[2];
	struct rdma_event_channel *channel;
	struct rdma_cm_id *id;
};

static uint8_t own_link[LINK_LENGTH], peer_link[LINK_LENGTH];
static union link_address target;
static int sender, tap;
static uint16_t p_key;
static struct service services[PORTS];
static uint32_t number;

static __attribute__((noreturn)) void die(const char *what)
{
	fprintf(stderr, "cm-arrive: %s: %s\n", what, strerror(errno));
	exit(1);
}

static __attribute__((noreturn)) void wrong(const char *what)
{
	fprintf(stderr, "cm-arrive: '%s' makes no sense\n", what);
	exit(2);
}

static void parse_link(const char *text, uint8_t link[LINK_LENGTH])
{
	for (int i = 0; i < LINK_LENGTH; i++) {
		unsigned int byte;

		if (sscanf(text + 3 * i, "%2x", &byte) != 1)
			wrong(text);
		link[i] = (uint8_t)byte;
	}
}

static void parse(const char *text, const char *port, struct address *address)
{
	memset(address, 0, sizeof(*address));
	address->port = htons((uint16_t)atoi(port));
	address->version = strchr(text, ':') ? 6 : 4;
	if (address->version == 6 ? inet_pton(AF_INET6, text, address->bytes) != 1 :
				    inet_pton(AF_INET, text, address->bytes + 12) != 1)
		wrong(text);
}

static int packet_socket(const char *netdev, uint16_t protocol)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET,
				       .sll_protocol = htons(protocol),
				       .sll_ifindex = (int)if_nametoindex(netdev) };
	int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)))
		die(netdev);
	return fd;
}

static int udp_socket(int family, uint16_t port)
{
	int fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1;
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = port };
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = port };

	if (fd < 0 ||
	    (family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one))) ||
	    bind(fd, family == AF_INET ? (struct sockaddr *)&in : (struct sockaddr *)&in6,
		 family == AF_INET ? sizeof(in) : sizeof(in6)))
		die("a UDP socket");
	return fd;
}

static struct service *serve(uint16_t port)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = port };
	struct service *service = services;

	while (service->port && service->port != port) {
		if (++service == services + PORTS)
			wrong("one more port");
	}
	if (service->port)
		return service;
	service->port = port;
	service->datagrams[0] = udp_socket(AF_INET, port);
	service->datagrams[1] = udp_socket(AF_INET6, port);
	service->channel = rdma_create_event_channel();
	if (!service->channel ||
	    rdma_create_id(service->channel, &service->id, NULL, RDMA_PS_TCP) ||
	    ingress_want(service->id, COOKIE) ||
	    rdma_bind_addr(service->id, (struct sockaddr *)&any) || rdma_listen(service->id, 8))
		die("a listener");
	return service;
}

static uint32_t add_up(uint32_t sum, const void *data, size_t length)
{
	const uint8_t *bytes = data;

	for (size_t i = 0; i < length; i++)
		sum += i & 1 ? bytes[i] : (uint32_t)bytes[i] << 8;
	return sum;
}

static uint16_t checksum(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

struct datagram {
	struct udphdr header;
	uint32_t number;
};

static size_t make_packet(const struct address *source, const struct address *destination,
			  uint8_t *packet)
{
	struct datagram udp = {
		.header = { .source = source->port,
			    .dest = destination->port,
			    .len = htons(sizeof(udp)) },
		.number = ++number,
	};
	struct ip6_hdr ip6 = { .ip6_flow = htonl(6u << 28),
			       .ip6_plen = htons(sizeof(udp)),
			       .ip6_nxt = IPPROTO_UDP,
			       .ip6_hlim = 64 };
	struct iphdr ip = { .version = 4,
			    .ihl = sizeof(ip) / 4,
			    .tot_len = htons(sizeof(ip) + sizeof(udp)),
			    .ttl = 64,
			    .protocol = IPPROTO_UDP };
	size_t length = source->version == 4 ? sizeof(ip) : sizeof(ip6);
	uint32_t sum;

	if (source->version == 4) {
		memcpy(&ip.saddr, source->bytes + 12, 4);
		memcpy(&ip.daddr, destination->bytes + 12, 4);
		ip.check = checksum(add_up(0, &ip, sizeof(ip)));
		memcpy(packet, &ip, sizeof(ip));
	} else {
		memcpy(&ip6.ip6_src, source->bytes, 16);
		memcpy(&ip6.ip6_dst, destination->bytes, 16);
		memcpy(packet, &ip6, sizeof(ip6));
	}
	/* The zeros before an IPv4 address add nothing. */
	sum = add_up(sizeof(udp) + IPPROTO_UDP, source->bytes, 16);
	sum = add_up(sum, destination->bytes, 16);
	udp.header.check = checksum(add_up(sum, &udp, sizeof(udp)));
	memcpy(packet + length, &udp, sizeof(udp));
	return length + sizeof(udp);
}

/* Has a packet that ends with the current number come to this socket? */
static bool receive(int fd, int timeout)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	uint8_t bytes[2048];
	uint32_t last;

	while (poll(&ready, 1, timeout) > 0) {
		ssize_t length = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);

		if (length < (ssize_t)sizeof(last))
			continue;
		memcpy(&last, bytes + length - sizeof(last), sizeof(last));
		if (last == number)
			return true;
	}
	return false;
}

static void send_datagram(const struct address *source, const struct address *destination)
{
	const struct service *service = serve(destination->port);
	uint8_t packet[128];
	size_t length = make_packet(source, destination, packet);

	target.ll.sll_protocol = htons(source->version == 4 ? ETH_P_IP : ETH_P_IPV6);
	if (sendto(sender, packet, length, 0, (struct sockaddr *)&target, sizeof(target)) < 0)
		die("sendto");
	if (!receive(tap, TIMEOUT_MS)) {
		printf("lost");
		return;
	}
	/* IP was next, in the same breath. */
	printf(receive(service->datagrams[source->version == 6], 30) ? "delivered" : "dropped");
}

static uint32_t crc32(const void *data, size_t length)
{
	const uint8_t *bytes = data;
	uint32_t crc = ~0u;

	for (size_t i = 0; i < length; i++) {
		crc ^= bytes[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

static void make_request(const struct address *source, const struct address *destination,
			 uint8_t request[REQUEST_LENGTH])
{
	struct rdma_cm_ns_trailer trailer = {
		.record = { .magic = htons(RDMA_CM_NS_MAGIC),
			    .version_flags = RDMA_CM_NS_VERSION << 4 | RDMA_CM_NS_DESTINATION_QPN },
	};
	struct rdma_cm_ns_covered covered = { .source_port = source->port,
					      .destination_port = destination->port,
					      .ip_version = 6 };

	memcpy((uint8_t *)&trailer.record.destination_qpn + 1, peer_link + 1, 3);
	memset(request, 0, REQUEST_LENGTH);
	request[1] = (uint8_t)(source->version << 4);
	memcpy(request + 2, &source->port, 2);
	memcpy(request + 4, source->bytes, 16);
	memcpy(request + 20, destination->bytes, 16);
	if (source->version == 4) {
		memcpy(request + 4, &trailer.record, sizeof(trailer.record));
		return;
	}
	covered.record = trailer.record;
	memcpy(covered.source_address, source->bytes, 16);
	memcpy(covered.destination_address, destination->bytes, 16);
	trailer.crc = htonl(crc32(&covered, sizeof(covered)));
	memcpy(request + TRAILER, &trailer, sizeof(trailer));
}

static void print_ingress(const struct rdma_cm_event *event)
{
	struct rdma_user_cm_ns_ingress found;
	char name[IF_NAMESIZE] = "-";

	if (ingress_take(event, COOKIE, &found))
		if_indextoname(found.handling_ifindex, name);
	printf(" %s\n", name);
}

static void print_refusal(const struct rdma_cm_event *event)
{
	struct rdma_cm_ns_refusal refusal = { 0 };

	if (event->event == RDMA_CM_EVENT_REJECTED &&
	    event->param.conn.private_data_len >= sizeof(refusal))
		memcpy(&refusal, event->param.conn.private_data, sizeof(refusal));
	if (ntohl(refusal.magic) != RDMA_CM_NS_REFUSAL_MAGIC)
		refusal.reason = 0;
	if (event->event == RDMA_CM_EVENT_REJECTED)
		printf(" refused %u\n", refusal.reason);
	else
		printf(" %s %d\n", rdma_event_str(event->event), event->status);
}

/* A request at a service, or what became of it. */
static void take_event(struct rdma_event_channel *channel)
{
	struct rdma_cm_event *event;
	struct rdma_cm_id *id;
	bool request;

	if (rdma_get_cm_event(channel, &event))
		die("rdma_get_cm_event");
	id = event->id;
	request = event->event == RDMA_CM_EVENT_CONNECT_REQUEST;
	if (request)
		print_ingress(event);
	else
		print_refusal(event);
	rdma_ack_cm_event(event);
	if (request) {
		rdma_reject(id, NULL, 0);
		rdma_destroy_id(id);
	}
}

static void wait_outcome(const struct service *service, struct rdma_event_channel *channel)
{
	struct pollfd ready[2] = { { .fd = service->channel->fd, .events = POLLIN },
				   { .fd = channel->fd, .events = POLLIN } };

	if (poll(ready, 2, TIMEOUT_MS) <= 0)
		puts(" nothing");
	else
		take_event(ready[0].revents ? service->channel : channel);
}

static void send_request(const struct address *source, const struct address *destination)
{
	const struct service *service = serve(destination->port);
	struct sockaddr_ib from, to;
	uint8_t request[REQUEST_LENGTH];
	struct rdma_conn_param param = { .responder_resources = 1,
					 .initiator_depth = 1,
					 .private_data = request,
					 .private_data_len = sizeof(request) };
	struct rdma_event_channel *channel = rdma_create_event_channel();
	struct rdma_cm_id *id;
	struct ibv_qp *qp;

	make_request(source, destination, request);
	resolve_ib_address(&from, own_link + 4, p_key, RDMA_PS_TCP, 0);
	resolve_ib_address(&to, peer_link + 4, p_key, RDMA_PS_TCP, destination->port);
	if (!channel)
		die("rdma_create_event_channel");
	id = resolve_id(channel, RDMA_PS_TCP, &from, &to);
	qp = own_qp(id->verbs);
	param.qp_num = qp->qp_num;
	if (rdma_connect(id, &param))
		die("rdma_connect");
	wait_outcome(service, channel);
	rdma_destroy_id(id);
	ibv_destroy_qp(qp);
	rdma_destroy_event_channel(channel);
}

int main(int argc, char **argv)
{
	char line[256], source[64], source_port[8], destination[64], destination_port[8];
	struct address from, to;

	if (argc != 7)
		wrong(argc > 1 ? argv[argc - 1] : "no argument");
	parse_link(argv[2], own_link);
	parse_link(argv[5], peer_link);
	p_key = (uint16_t)strtoul(argv[6], NULL, 0);
	sender = packet_socket(argv[1], 0);
	target.ll.sll_family = AF_PACKET;
	target.ll.sll_ifindex = (int)if_nametoindex(argv[1]);
	target.ll.sll_halen = LINK_LENGTH;
	memcpy(target.room + offsetof(struct sockaddr_ll, sll_addr), peer_link, LINK_LENGTH);
	netns_enter(argv[3]);
	tap = packet_socket(argv[4], ETH_P_ALL);
	setvbuf(stdout, NULL, _IOLBF, 0);
	while (fgets(line, sizeof(line), stdin)) {
		if (sscanf(line, "%63s %7s %63s %7s", source, source_port, destination,
			   destination_port) != 4)
			wrong(line);
		parse(source, source_port, &from);
		parse(destination, destination_port, &to);
		if (from.version != to.version)
			wrong(line);
		send_datagram(&from, &to);
		send_request(&from, &to);
	}
	return 0;
}
