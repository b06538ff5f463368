// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * "cm_netdevs DEVICE PORT [ATTRIBUTE]": prints what RDMA_NLDEV_CMD_PORT_NETDEV_GET says of the port
 * of the RDMA device with this index, a line for each net_dev: its index, its name and, of IPoIB,
 * the QPN and the P_Key. With ATTRIBUTE, the request has one more attribute of that number.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/netlink.h>
#include <rdma/rdma_netlink.h>

#define TYPE RDMA_NL_GET_TYPE(RDMA_NL_NLDEV, RDMA_NLDEV_CMD_PORT_NETDEV_GET)

struct request {
	struct nlmsghdr header;
	struct {
		struct nlattr head;
		uint32_t value;
	} attributes[3];
};

static int fail(const char *what)
{
	fprintf(stderr, "cm_netdevs: %s: %s\n", what, strerror(errno));
	return 1;
}

static int ask(int fd, char **argv, unsigned int count)
{
	static const uint16_t types[] = { RDMA_NLDEV_ATTR_DEV_INDEX, RDMA_NLDEV_ATTR_PORT_INDEX };
	struct request request = {
		.header = {
			.nlmsg_len = sizeof(request.header) + count * sizeof(request.attributes[0]),
			.nlmsg_type = TYPE,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
		},
	};
	unsigned int i;

	for (i = 0; i < count; i++) {
		request.attributes[i].head.nla_len = sizeof(request.attributes[i]);
		request.attributes[i].head.nla_type = i < 2 ? types[i] : atoi(argv[2]);
		request.attributes[i].value = atoi(argv[i]);
	}
	return send(fd, &request, request.header.nlmsg_len, 0) < 0 ? -1 : 0;
}

static uint32_t number(const struct nlattr *attribute)
{
	uint32_t value = 0;
	size_t length = attribute->nla_len - NLA_HDRLEN;

	/* The only other numbers have two bytes. */
	if (length == sizeof(uint16_t))
		return *(const uint16_t *)((const char *)attribute + NLA_HDRLEN);
	memcpy(&value, (const char *)attribute + NLA_HDRLEN,
	       length < sizeof(value) ? length : sizeof(value));
	return value;
}

static void print(const struct nlmsghdr *header)
{
	const char *at = NLMSG_DATA(header);
	const char *end = (const char *)header + header->nlmsg_len;
	uint32_t ifindex = 0, qpn = 0, pkey = 0;
	const char *name = "";

	while (at + NLA_HDRLEN <= end) {
		const struct nlattr *attribute = (const struct nlattr *)at;

		if (attribute->nla_len < NLA_HDRLEN || at + attribute->nla_len > end)
			break;
		switch (attribute->nla_type & NLA_TYPE_MASK) {
		case RDMA_NLDEV_ATTR_NDEV_INDEX:
			ifindex = number(attribute);
			break;
		case RDMA_NLDEV_ATTR_NDEV_NAME:
			name = at + NLA_HDRLEN;
			break;
		case RDMA_NLDEV_ATTR_RES_LQPN:
			qpn = number(attribute);
			break;
		case RDMA_NLDEV_ATTR_NDEV_PKEY:
			pkey = number(attribute);
			break;
		}
		at += NLA_ALIGN(attribute->nla_len);
	}
	printf("%u %s", ifindex, name);
	if (qpn)
		printf(" %06x %04x", qpn, pkey);
	putchar('\n');
}

/* Returns 1 at the end of the dump, and -1 on error. */
static int print_all(const struct nlmsghdr *header, ssize_t length)
{
	int error;

	for (; NLMSG_OK(header, length); header = NLMSG_NEXT(header, length)) {
		if (header->nlmsg_type == NLMSG_DONE || header->nlmsg_type == NLMSG_ERROR) {
			error = header->nlmsg_len < NLMSG_LENGTH(sizeof(error)) ?
					-EBADMSG : *(const int *)NLMSG_DATA(header);
			errno = -error;
			return error ? -1 : 1;
		}
		if (header->nlmsg_type == TYPE)
			print(header);
	}
	return 0;
}

int main(int argc, char **argv)
{
	static struct nlmsghdr buffer[4096];
	ssize_t length;
	int fd, ret;

	if (argc < 3 || argc > 4) {
		fprintf(stderr, "usage: cm_netdevs DEVICE PORT [ATTRIBUTE]\n");
		return 2;
	}
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_RDMA);
	if (fd < 0)
		return fail("socket");
	if (ask(fd, argv + 1, argc - 1))
		return fail("send");
	do {
		length = recv(fd, buffer, sizeof(buffer), 0);
		if (length < 0)
			return fail("recv");
		ret = print_all(buffer, length);
	} while (!ret);
	close(fd);
	return ret < 0 ? fail("answer") : 0;
}
