// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <linux/net_namespace.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "namespace_numbers.h"
#include "netlink.h"
#include "rtnetlink_message.h"

#define NO_NUMBER (-1)

struct numbers {
	int32_t *list;
	size_t count;
};

static int32_t number_of(const struct nlmsghdr *header)
{
	struct nlattr *attribute;

	if (header->nlmsg_type != RTM_NEWNSID || !nlmsg_valid_hdr(header, sizeof(struct rtgenmsg)))
		return NO_NUMBER;
	attribute =
		nlmsg_find_attr((struct nlmsghdr *)header, sizeof(struct rtgenmsg), NETNSA_NSID);
	return attribute && nla_len(attribute) >= 4 ? (int32_t)nla_get_u32(attribute) : NO_NUMBER;
}

static int take_number(const struct nlmsghdr *header, void *data)
{
	const int32_t number = number_of(header);
	struct numbers *numbers = data;
	int32_t *list;

	if (number == NO_NUMBER)
		return 0;
	list = reallocarray(numbers->list, numbers->count + 1, sizeof(*list));
	if (!list) {
		errno = ENOMEM;
		return -1;
	}
	list[numbers->count++] = number;
	numbers->list = list;
	return 0;
}

static int take_answer(const struct nlmsghdr *header, void *data)
{
	*(int32_t *)data = number_of(header);
	return 0;
}

static void forget(struct numbers *numbers, int32_t number)
{
	for (size_t i = 0; i < numbers->count; i++) {
		if (numbers->list[i] == number)
			numbers->list[i] = NO_NUMBER;
	}
}

/* Ask for the number of each namespace that has been found; the other numbers are unseen ones. */
static void forget_found(struct netlink *netlink, const struct namespaces *namespaces,
			 struct numbers *numbers)
{
	for (size_t i = 0; i < namespaces->count; i++) {
		const uint32_t fd = (uint32_t)namespaces->list[i].fd;
		struct rtnetlink_request request;
		int32_t number = NO_NUMBER;

		rtnetlink_request_init(&request, RTM_GETNSID, sizeof(struct rtgenmsg));
		rtnetlink_request_add(&request, NETNSA_FD, &fd, sizeof(fd));
		if (!netlink_request(netlink, &request.header, take_answer, &number))
			forget(numbers, number);
	}
}

static int count_unseen(struct namespaces *namespaces, const struct numbers *numbers)
{
	char name[32];

	for (size_t i = 0; i < numbers->count; i++) {
		if (numbers->list[i] == NO_NUMBER)
			continue;
		snprintf(name, sizeof(name), "number %d", numbers->list[i]);
		if (namespaces_unseen(namespaces, UNSEEN_NUMBERS, name, 0))
			return -1;
	}
	return 0;
}

int namespace_numbers_check(struct namespaces *namespaces)
{
	struct rtnetlink_request request;
	struct numbers numbers = { 0 };
	struct netlink netlink;
	int result, error;

	if (netlink_open(&netlink, NETLINK_ROUTE, -1, NULL))
		return namespaces_unseen(namespaces, UNSEEN_NUMBERS, "numbers", errno);
	rtnetlink_request_init(&request, RTM_GETNSID, sizeof(struct rtgenmsg));
	request.header.nlmsg_flags = NLM_F_DUMP;
	result = netlink_request(&netlink, &request.header, take_number, &numbers);
	error = errno;
	/* Some namespaces have come or gone meanwhile. */
	if (result && error == EINTR)
		result = 0;
	if (!result && numbers.count)
		forget_found(&netlink, namespaces, &numbers);
	netlink_close(&netlink);
	if (!result)
		result = count_unseen(namespaces, &numbers);
	else if (error != ENOMEM)
		result = namespaces_unseen(namespaces, UNSEEN_NUMBERS, "numbers", error);
	free(numbers.list);
	return result;
}
