// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* What has been moved away from an IPoIB netdev is found, whatever is between the two. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <string.h>

#include "netdev_elsewhere.h"

int __wrap_netlink_request(struct netlink *netlink, struct nlmsghdr *request,
			   netlink_handler handler, void *data);

#define OWN (-1)
#define BELOW 5 /* the number of another namespace */
#define FARTHER 6

#define NETDEVS_MAX 600

struct made_up {
	int32_t number;
	uint32_t ifindex;
	const char *kind; /* NULL: none */
	uint16_t type;
	uint32_t link, master;
	int32_t link_number; /* OWN: the kernel does not tell it */
};

static struct made_up netdevs[NETDEVS_MAX];

/* What goes wrong with the first so many requests about a netdev, or with all dumps of a master. */
static struct {
	uint32_t ifindex, master;
	int error, times;
} failure;

static void answer(const struct made_up *netdev, netlink_handler handler, void *data)
{
	struct ifinfomsg info = { .ifi_index = (int)netdev->ifindex, .ifi_type = netdev->type };
	struct nl_msg *message = nlmsg_alloc_simple(RTM_NEWLINK, 0);
	struct nlattr *nest, *inner;

	assert_int_equal(nlmsg_append(message, &info, sizeof(info), NLMSG_ALIGNTO), 0);
	if (netdev->master)
		nla_put_u32(message, IFLA_MASTER, netdev->master);
	if (netdev->link && (!netdev->kind || strcmp(netdev->kind, "vxlan")))
		nla_put_u32(message, IFLA_LINK, netdev->link);
	if (netdev->link_number != OWN)
		nla_put_s32(message, IFLA_LINK_NETNSID, netdev->link_number);
	if (netdev->kind) {
		nest = nla_nest_start(message, IFLA_LINKINFO);
		nla_put_string(message, IFLA_INFO_KIND, netdev->kind);
		if (!strcmp(netdev->kind, "vxlan")) {
			inner = nla_nest_start(message, IFLA_INFO_DATA);
			nla_put_u32(message, IFLA_VXLAN_LINK, netdev->link);
			nla_nest_end(message, inner);
		}
		nla_nest_end(message, nest);
	}
	assert_int_equal(handler(nlmsg_hdr(message), data), 0);
	nlmsg_free(message);
}

static bool fails(uint32_t ifindex, uint32_t master)
{
	if (!failure.times || failure.ifindex != ifindex || failure.master != master)
		return false;
	failure.times--;
	errno = failure.error;
	return true;
}

/* The numbers of all netdevs of the socket's own namespace. */
static int answer_numbers(netlink_handler handler, void *data)
{
	struct {
		struct nlmsghdr header;
		struct if_stats_msg info;
	} message = { .header = { .nlmsg_len = sizeof(message), .nlmsg_type = RTM_NEWSTATS } };

	if (fails(0, 0))
		return -1;
	for (size_t i = 0; netdevs[i].ifindex; i++) {
		message.info.ifindex = netdevs[i].ifindex;
		if (netdevs[i].number == OWN)
			assert_int_equal(handler(&message.header, data), 0);
	}
	return 0;
}

int __wrap_netlink_request(struct netlink *netlink, struct nlmsghdr *request,
			   netlink_handler handler, void *data)
{
	const struct ifinfomsg *info = nlmsg_data(request);
	const uint32_t ifindex = (uint32_t)info->ifi_index;
	struct nlattr *attributes[IFLA_MAX + 1];
	uint32_t master = 0;
	int32_t number = OWN;
	bool found = false;

	(void)netlink;
	if (request->nlmsg_type == RTM_GETSTATS)
		return answer_numbers(handler, data);
	assert_int_equal(nlmsg_parse(request, sizeof(*info), attributes, IFLA_MAX, NULL), 0);
	if (attributes[IFLA_TARGET_NETNSID])
		number = nla_get_s32(attributes[IFLA_TARGET_NETNSID]);
	if (attributes[IFLA_MASTER])
		master = nla_get_u32(attributes[IFLA_MASTER]);
	assert_int_equal(!ifindex, (request->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP);
	/* A dump that was disturbed shows none of what is there. */
	if (fails(ifindex, master))
		return -1;
	for (size_t i = 0; netdevs[i].ifindex; i++) {
		if (netdevs[i].number != number || (ifindex && netdevs[i].ifindex != ifindex) ||
		    (master && netdevs[i].master != master))
			continue;
		answer(&netdevs[i], handler, data);
		found = true;
	}
	if (found || !ifindex)
		return 0;
	errno = ENODEV;
	return -1;
}

/* The errno of the check. */
static int check(const struct made_up *list)
{
	struct netlink none = { .fd = -1 };

	if (list) {
		memset(netdevs, 0, sizeof(netdevs));
		for (size_t i = 0; list[i].ifindex; i++)
			netdevs[i] = list[i];
	}
	return netdev_elsewhere_check(&none) ? errno : 0;
}

#define IB                                                      \
	{                                                       \
		BELOW, 2, "ipoib", ARPHRD_INFINIBAND, 1, 0, OWN \
	}
#define ETH                                             \
	{                                               \
		BELOW, 2, NULL, ARPHRD_ETHER, 0, 0, OWN \
	}
#define MOVED(kind, link)                                  \
	{                                                  \
		OWN, 9, kind, ARPHRD_ETHER, link, 0, BELOW \
	}
#define END       \
	{         \
		0 \
	}

static const struct {
	const char *name;
	struct made_up list[6];
	int expected;
} cases[] = {
	{ "nothing is above anything",
	  { { OWN, 9, "veth", ARPHRD_ETHER, 3, 0, BELOW }, IB, END },
	  0 },
	{ "above an IPoIB netdev of the same namespace",
	  { { OWN, 2, "ipoib", ARPHRD_INFINIBAND, 1, 0, OWN },
	    { OWN, 9, "vxlan", ARPHRD_ETHER, 2, 0, OWN },
	    END },
	  0 },
	{ "moved from above one", { MOVED("vxlan", 2), IB, END }, EXDEV },
	{ "moved from above Ethernet", { MOVED("macvlan", 2), ETH, END }, 0 },
	{ "what was below has gone", { MOVED("macvlan", 2), END }, 0 },
	{ "a VRF is between them",
	  { MOVED("vxlan", 3),
	    { BELOW, 3, "vrf", ARPHRD_ETHER, 0, 0, OWN },
	    { BELOW, 2, "ipoib", ARPHRD_INFINIBAND, 1, 3, OWN },
	    END },
	  EXDEV },
	{ "a VRF with other ports",
	  { MOVED("vxlan", 3),
	    { BELOW, 3, "vrf", ARPHRD_ETHER, 0, 0, OWN },
	    { BELOW, 4, NULL, ARPHRD_ETHER, 0, 3, OWN },
	    { BELOW, 2, "ipoib", ARPHRD_INFINIBAND, 1, 7, OWN },
	    END },
	  0 },
	{ "a VRF, a VXLAN and a bridge",
	  { MOVED("vxlan", 5),
	    { BELOW, 5, "vrf", ARPHRD_ETHER, 0, 0, OWN },
	    { BELOW, 4, "bridge", ARPHRD_ETHER, 0, 5, OWN },
	    { BELOW, 3, "vxlan", ARPHRD_ETHER, 2, 4, OWN },
	    IB,
	    END },
	  EXDEV },
	{ "the VRF's port has been moved as well",
	  { MOVED("vxlan", 3),
	    { BELOW, 3, "vrf", ARPHRD_ETHER, 0, 0, OWN },
	    { BELOW, 4, "vxlan", ARPHRD_ETHER, 2, 3, FARTHER },
	    { FARTHER, 2, "ipoib", ARPHRD_INFINIBAND, 1, 0, OWN },
	    END },
	  EXDEV },
	{ "they are above each other in a circle",
	  { MOVED("vxlan", 3),
	    { BELOW, 3, "vrf", ARPHRD_ETHER, 0, 0, OWN },
	    { BELOW, 4, "vxlan", ARPHRD_ETHER, 3, 3, OWN },
	    END },
	  0 },
	{ "an rmnet does not say what it is above, in any namespace",
	  { { OWN, 9, "rmnet", ARPHRD_RAWIP, 2, 0, OWN }, ETH, END },
	  EXDEV },
	{ "a macvlan above an rmnet",
	  { MOVED("macvlan", 3), { BELOW, 3, "rmnet", ARPHRD_RAWIP, 2, 0, OWN }, ETH, END },
	  EXDEV },
	{ "an hsr does not say either, but is never moved",
	  { { OWN, 9, "hsr", ARPHRD_ETHER, 0, 0, OWN }, ETH, END },
	  0 },
	{ "a macvlan above an hsr",
	  { MOVED("macvlan", 3), { BELOW, 3, "hsr", ARPHRD_ETHER, 0, 0, OWN }, ETH, END },
	  EXDEV },
};

static void test_between(void **state)
{
	(void)state;
	memset(&failure, 0, sizeof(failure));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("%s\n", cases[i].name);
		assert_int_equal(check(cases[i].list), cases[i].expected);
	}
}

/* What could not be seen does not count as seen. */
static void test_failures(void **state)
{
	static const struct made_up below_vrf[] = { MOVED("vxlan", 3),
						    { BELOW, 3, "vrf", ARPHRD_ETHER, 0, 0, OWN },
						    { BELOW, 2, "ipoib", ARPHRD_INFINIBAND, 1, 3,
						      OWN },
						    END };
	static const struct {
		const char *name;
		uint32_t ifindex, master;
		int error, times, expected;
	} failures[] = {
		{ "the first dumps are disturbed", 0, 0, EINTR, 5, EXDEV },
		{ "all are", 0, 0, EINTR, 1000, EAGAIN },
		{ "the dump fails", 0, 0, ENOBUFS, 1000, ENOBUFS },
		{ "what is below has gone", 3, 0, ENODEV, 1000, 0 },
		{ "its namespace has", 3, 0, EINVAL, 1000, EAGAIN },
		{ "it may not be asked for", 3, 0, EACCES, 1000, EACCES },
		{ "the VRF's ports change a while", 0, 3, EINTR, 5, EXDEV },
		{ "they change all the time", 0, 3, EINTR, 1000, EAGAIN },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
		print_message("%s\n", failures[i].name);
		failure.ifindex = failures[i].ifindex;
		failure.master = failures[i].master;
		failure.error = failures[i].error;
		failure.times = failures[i].times;
		assert_int_equal(check(below_vrf), failures[i].expected);
	}
	memset(&failure, 0, sizeof(failure));
}

/* A host has many, and a tenant may make more. */
static void test_many(void **state)
{
	(void)state;
	print_message("a macvlan above a bridge with many ports\n");
	memset(netdevs, 0, sizeof(netdevs));
	netdevs[0] = (struct made_up)MOVED("macvlan", 3);
	netdevs[1] = (struct made_up){ BELOW, 3, "bridge", ARPHRD_ETHER, 0, 0, OWN };
	for (uint32_t i = 2; i < 500; i++)
		netdevs[i] = (struct made_up){ BELOW, 10 + i, "veth", ARPHRD_ETHER, 1, 3, FARTHER };
	assert_int_equal(check(NULL), 0);
	print_message("one of the last is above an IPoIB netdev\n");
	netdevs[500] = (struct made_up){ BELOW, 4, "vxlan", ARPHRD_ETHER, 2, 3, OWN };
	netdevs[501] = (struct made_up)IB;
	assert_int_equal(check(NULL), EXDEV);
	print_message("above too many others to ask for\n");
	memset(netdevs, 0, sizeof(netdevs));
	for (uint32_t i = 0; i < 500; i++)
		netdevs[i] = (struct made_up){ OWN,	 10 + i, "macvlan", ARPHRD_ETHER,
					       1000 + i, 0,	 BELOW };
	assert_int_equal(check(NULL), ETIME);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_between),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
