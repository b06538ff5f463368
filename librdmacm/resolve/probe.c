// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/neighbour.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "address.h"
#include "ingress.h"
#include "netns_thread.h"
#include "probe.h"

#define DISCARD_PORT 9

static struct ndmsg *build(sa_family_t family, const void *ip, uint32_t ifindex,
			   struct rtnetlink_request *request)
{
	struct ndmsg *neighbour = rtnetlink_request_init(request, RTM_NEWNEIGH, sizeof(*neighbour));

	neighbour->ndm_family = (unsigned char)family;
	neighbour->ndm_ifindex = (int)ifindex;
	rtnetlink_request_add_ip(request, NDA_DST, family, ip);
	request->header.nlmsg_flags |= NLM_F_ACK;
	return neighbour;
}

void probe_build_use(sa_family_t family, const void *ip, uint32_t ifindex,
		     struct rtnetlink_request *request)
{
	build(family, ip, ifindex, request)->ndm_flags = NTF_USE;
}

void probe_build_failed(sa_family_t family, const void *ip, uint32_t ifindex,
			struct rtnetlink_request *request)
{
	build(family, ip, ifindex, request)->ndm_state = NUD_FAILED;
	request->header.nlmsg_flags |= NLM_F_REPLACE;
}

static int no_answer(const struct nlmsghdr *header, void *data)
{
	(void)header;
	(void)data;
	return 0;
}

struct datagram {
	int ifindex;
	const struct sockaddr_storage *source;
	const struct sockaddr_storage *destination;
};

static socklen_t put_port(struct sockaddr_storage *address, in_port_t port)
{
	if (address->ss_family == AF_INET6) {
		((struct sockaddr_in6 *)address)->sin6_port = htons(port);
		return sizeof(struct sockaddr_in6);
	}
	((struct sockaddr_in *)address)->sin_port = htons(port);
	return sizeof(struct sockaddr_in);
}

/*
 * This must not be one of the standard descriptors, to which the program may write even though it
 * has closed them.
 */
static int open_datagram(sa_family_t family)
{
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int higher;

	if (fd < 0 || fd > STDERR_FILENO)
		return fd;
	higher = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	close(fd);
	return higher;
}

static void send_datagram(void *data)
{
	const struct datagram *datagram = data;
	struct sockaddr_storage source = *datagram->source, destination = *datagram->destination;
	const socklen_t length = put_port(&source, 0);
	int fd = open_datagram(source.ss_family);

	if (fd < 0)
		return;
	put_port(&destination, DISCARD_PORT);
	if (destination.ss_family == AF_INET6 &&
	    IN6_IS_ADDR_LINKLOCAL(&((struct sockaddr_in6 *)&destination)->sin6_addr)) {
		((struct sockaddr_in6 *)&source)->sin6_scope_id = (uint32_t)datagram->ifindex;
		((struct sockaddr_in6 *)&destination)->sin6_scope_id = (uint32_t)datagram->ifindex;
	}
	/* The datagram is useless if it leaves from elsewhere. */
	if (!setsockopt(fd, SOL_SOCKET, SO_BINDTOIFINDEX, &datagram->ifindex,
			sizeof(datagram->ifindex)) &&
	    !bind(fd, (struct sockaddr *)&source, length))
		sendto(fd, "", 0, MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&destination,
		       length);
	close(fd);
}

static void use_by_datagram(int netns_fd, const struct probe *probe,
			    const struct sockaddr_storage *source,
			    const struct sockaddr_storage *destination)
{
	struct datagram datagram = { (int)probe->ifindex, source, destination };

	netns_thread_run(netns_fd, send_datagram, &datagram);
}

void probe_use(struct netlink *netlink, probe_netns find, const void *netns,
	       const struct probe *probe, const struct sockaddr_storage *source,
	       const struct sockaddr_storage *destination)
{
	const int error = errno;
	struct rtnetlink_request use;

	/* Entries in other states are being confirmed, or need no confirmation. */
	if (probe->ifindex && probe->state & NUD_STALE) {
		probe_build_use(destination->ss_family, address_ip(destination), probe->ifindex,
				&use);
		if (netlink_request(netlink, &use.header, no_answer, NULL))
			use_by_datagram(find(netns), probe, source, destination);
	}
	errno = error;
}

void probe_doubt(struct netlink *netlink, probe_netns find, const void *netns,
		 const struct probe *probe, const struct sockaddr_storage *source,
		 const struct sockaddr_storage *destination)
{
	const sa_family_t family = destination->ss_family;
	const void *ip = address_ip(destination);
	const int error = errno;
	struct rtnetlink_request failed, use;

	if (!probe->ifindex || !probe->qpn || probe->state & (NUD_PERMANENT | NUD_NOARP))
		return;
	probe_build_failed(family, ip, probe->ifindex, &failed);
	probe_build_use(family, ip, probe->ifindex, &use);
	if (netlink_request(netlink, &failed.header, no_answer, NULL) ||
	    netlink_request(netlink, &use.header, no_answer, NULL))
		use_by_datagram(find(netns), probe, source, destination);
	errno = error;
}
