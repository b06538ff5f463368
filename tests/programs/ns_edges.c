// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * The edges of librdma-ns, a line for each: ids of another namespace, by name, with addresses left
 * out.
 *
 *   ns-edges NETNS NETDEV VRF DESTINATION
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rdma/rdma_ns.h>

#include "netns.h"

#define PORT 4791

static int netns_fd;
static uint64_t netns;
static dev_t netns_device;

static const char *word(int status)
{
	return status ? strerrorname_np(errno) : "ok";
}

static struct rdma_cm_id *create(struct rdma_event_channel *channel, const char *netdev)
{
	const struct rdma_ns_id_opts opts = { .size = sizeof(opts),
					      .flags = RDMA_NS_ID_NETNS_FD,
					      .netns_fd = netns_fd,
					      .netdev = netdev,
					      .policy = RDMA_NS_POLICY_VERIFY };
	struct rdma_cm_id *id;

	if (!rdma_ns_create_id(channel, &id, NULL, RDMA_PS_TCP, &opts))
		return id;
	perror("ns-edges: rdma_ns_create_id");
	exit(1);
}

static void tell_info(const char *what, struct rdma_cm_id *id)
{
	struct rdma_ns_id_info info;

	if (rdma_ns_get_id_info(id, &info, sizeof(info)))
		printf("%s: %s\n", what, strerrorname_np(errno));
	else
		printf("%s: %s %s %s\n", what, info.netns == netns ? "there" : "elsewhere",
		       info.netdev, rdma_ns_policy_str(info.policy));
}

/* How many descriptors of this process are of the namespace, or sockets. */
static unsigned int descriptors(bool sockets)
{
	unsigned int count = 0;
	struct stat status;

	for (int fd = 0; fd < 1024; fd++) {
		if (fstat(fd, &status))
			continue;
		count += sockets ? S_ISSOCK(status.st_mode) :
				   status.st_ino == netns && status.st_dev == netns_device;
	}
	return count;
}

static void resolve(struct rdma_event_channel *channel, const char *netdev, struct sockaddr_in *to)
{
	struct sockaddr_in from = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	struct rdma_cm_id *id = create(channel, netdev);
	struct rdma_cm_event *event;
	char text[INET_ADDRSTRLEN];
	int status;

	printf("no destination: %s\n", word(rdma_ns_resolve_addr(id, NULL, NULL, 1000)));
	status = rdma_ns_resolve_addr(id, (struct sockaddr *)&from, (struct sockaddr *)to, 2000);
	printf("only a port: %s", word(status));
	if (!status && !rdma_ns_get_cm_event(channel, &event)) {
		inet_ntop(AF_INET, &((struct sockaddr_in *)rdma_get_local_addr(id))->sin_addr, text,
			  sizeof(text));
		printf(" %s %s:%u", rdma_event_str(event->event), text,
		       ntohs(rdma_get_src_port(id)));
		rdma_ns_ack_cm_event(event);
	}
	puts("");
	rdma_ns_destroy_id(id);
}

static void endpoints(const char *netdev, struct sockaddr_in *to)
{
	const struct rdma_ns_id_opts opts = { .size = sizeof(opts),
					      .flags = RDMA_NS_ID_NETNS_FD,
					      .netns_fd = netns_fd,
					      .netdev = netdev };
	struct sockaddr_in from = { .sin_family = AF_INET, .sin_port = htons(PORT + 1) };
	struct rdma_addrinfo info = { .ai_family = AF_INET,
				      .ai_port_space = RDMA_PS_TCP,
				      .ai_qp_type = IBV_QPT_RC };
	struct rdma_cm_id *id;
	int status;

	printf("an endpoint without a destination: %s\n",
	       word(rdma_ns_create_ep(&id, &info, NULL, NULL, &opts)));
	info.ai_dst_addr = (struct sockaddr *)to;
	info.ai_dst_len = sizeof(*to);
	info.ai_src_addr = (struct sockaddr *)&from;
	info.ai_src_len = sizeof(from);
	status = rdma_ns_create_ep(&id, &info, NULL, NULL, &opts);
	printf("an endpoint with only a port: %s", word(status));
	if (!status) {
		printf(" %u", ntohs(rdma_get_src_port(id)));
		rdma_ns_destroy_ep(id);
	}
	puts("");
}

int main(int argc, char **argv)
{
	struct rdma_event_channel *channel = rdma_create_event_channel();
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	struct rdma_ns_netdev **list;
	unsigned int sockets;
	struct rdma_cm_id *id;
	struct stat status;
	uint32_t vrf = 0;

	if (argc != 5 || !channel || inet_pton(AF_INET, argv[4], &to.sin_addr) != 1)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	netns_fd = netns_open(argv[1]);
	if (fstat(netns_fd, &status))
		return 2;
	netns = status.st_ino;
	netns_device = status.st_dev;

	id = create(channel, argv[2]);
	tell_info("by name", id);
	printf("the VRF's index: %s\n", word(rdma_ns_get_ifindex_in(netns_fd, argv[3], &vrf)));
	printf("bound to the VRF by index: %s\n", word(rdma_ns_bind_netdev(id, vrf)));
	tell_info("then", id);
	printf("by a name of this namespace: %s\n", word(rdma_ns_bind_netdev_name(id, "ib0")));
	printf("by name again: %s\n", word(rdma_ns_bind_netdev_name(id, argv[2])));
	printf("ended: %s\n", word(rdma_ns_bind_netdev_name(id, NULL)));
	tell_info("then", id);
	printf("no address to bind to: %s\n", word(rdma_ns_bind_addr(id, NULL)));
	printf("held while an id is there: %s\n", descriptors(false) > 1 ? "yes" : "no");
	rdma_ns_destroy_id(id);
	resolve(channel, argv[2], &to);
	endpoints(argv[2], &to);

	/* Ids of one's own namespace keep theirs. */
	sockets = descriptors(true);
	printf("listed there: %s\n",
	       rdma_ns_get_netdevs_in(netns_fd, &list, sizeof(**list)) > 0 ? "some" : "none");
	rdma_ns_free_netdevs(list);
	printf("sockets more: %u\n", descriptors(true) - sockets);
	close(netns_fd);
	printf("held after the last id: %u\n", descriptors(false));
	puts("listening for a signal");
	fflush(stdout);
	pause();
	return 0;
}
