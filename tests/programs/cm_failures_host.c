// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * What is not done at an id: netdevs that change and go, the list of a device's netdevs, and the
 * host's settings and counters. New netdevs and new names are not among it, because the kernel
 * itself reports failures of vmalloc() and of sysctl's tables.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <rdma/rdma_user_cm_ns.h>

#include "cm_failures.h"
#include "ucm.h"
#include "uverbs_netdevs.h"

#define CHILD "ib0.fail"
#define PARAMETERS "/sys/module/rdma_cm/parameters/"

/* Room for a device with more netdevs than the kernel first thinks of. */
#define ENTRIES 64

static struct nl_sock *here;
static struct uverbs uverbs;
static uint32_t id;
static bool has_id;
static struct nl_msg *message(int type, int flags, const char *netdev, unsigned int interface_flags)
{
	struct nl_msg *message = nlmsg_alloc_simple(type, flags | NLM_F_REQUEST | NLM_F_ACK);
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC,
				  .ifi_flags = interface_flags,
				  .ifi_change = type == RTM_NEWLINK && netdev ? IFF_UP : 0 };

	if (netdev)
		info.ifi_index = (int)if_nametoindex(netdev);
	if (!message || nlmsg_append(message, &info, sizeof(info), NLMSG_ALIGNTO))
		die("no memory");
	return message;
}

/* The request that the call sends. */
static struct nl_msg *request;

static void ready(struct nl_msg *its_request)
{
	if (request)
		nlmsg_free(request);
	request = its_request;
	nl_complete_msg(here, request);
}

/*
 * The kernel does it all while the request is being sent. ENOBUFS: it had no memory for the request
 * or for the answer.
 */
static int ask(void)
{
	const struct nlmsghdr *header = nlmsg_hdr(request);
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	const int fd = nl_socket_get_fd(here);
	union {
		struct nlmsghdr header;
		uint8_t room[8192];
	} answer;

	if (sendto(fd, header, header->nlmsg_len, 0, (struct sockaddr *)&kernel, sizeof(kernel)) <
	    0)
		return -1;
	if (recv(fd, &answer, sizeof(answer), MSG_DONTWAIT) < 0) {
		errno = ENOBUFS;
		return -1;
	}
	errno = answer.header.nlmsg_type == NLMSG_ERROR ?
			-((const struct nlmsgerr *)NLMSG_DATA(&answer.header))->error :
			EPROTO;
	return errno ? -1 : 0;
}

static void must(void)
{
	if (ask())
		die("netlink");
}

static struct nl_msg *new_child(void)
{
	struct nl_msg *child = message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, NULL, 0);
	struct nlattr *link, *data;

	nla_put_string(child, IFLA_IFNAME, CHILD);
	nla_put_u32(child, IFLA_LINK, if_nametoindex("ib0"));
	link = nla_nest_start(child, IFLA_LINKINFO);
	nla_put_string(child, IFLA_INFO_KIND, "ipoib");
	data = nla_nest_start(child, IFLA_INFO_DATA);
	nla_put_u16(child, IFLA_IPOIB_PKEY, 0xffff);
	nla_nest_end(child, data);
	nla_nest_end(child, link);
	return child;
}

static void delete_child(void)
{
	if (!if_nametoindex(CHILD))
		return;
	ready(message(RTM_DELLINK, 0, CHILD, 0));
	must();
}

/* It is there, and an id is bound to it. */
static void with_child(void)
{
	uint32_t ifindex;

	ready(new_child());
	must();
	ifindex = if_nametoindex(CHILD);
	id = new_id(server, "host", RDMA_PS_TCP);
	has_id = true;
	set_option(server, id, RDMA_OPTION_NS_BIND_IFINDEX, &ifindex, sizeof(ifindex));
}

/* While the netdev is in its namespace the id can be bound to an address, and afterwards never. */
static void check_id(void)
{
	const struct sockaddr_storage any = address_of("0.0.0.0", "0");
	const bool there = if_nametoindex(CHILD);
	int error = ucm_bind(server, id, &any) ? errno : 0;

	expect(error == (there ? 0 : ENODEV), "what happened to the netdev did not reach the id");
	if (ucm_destroy(server, id))
		die("destroy");
	has_id = false;
}

static bool (*is_done)(void);

static void done(void)
{
	expect(is_done(), "it was not done");
	if (has_id)
		check_id();
	delete_child();
}

static void refused(void)
{
	if (errno != ENOBUFS)
		expect(!is_done(), "it was done in spite of the error");
	if (has_id)
		check_id();
	delete_child();
}

static unsigned int flags_of(const char *netdev)
{
	struct ifreq question = { .ifr_flags = 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	strcpy(question.ifr_name, netdev);
	if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &question))
		die("%s", netdev);
	close(fd);
	return (unsigned short)question.ifr_flags;
}

static bool is_there(void)
{
	return if_nametoindex(CHILD);
}

static bool is_gone(void)
{
	return !is_there();
}

static bool is_up(void)
{
	return flags_of(CHILD) & IFF_UP;
}

static bool is_down(void)
{
	return !is_up();
}

static void before_up(void)
{
	is_done = is_up;
	with_child();
	ready(message(RTM_NEWLINK, 0, CHILD, IFF_UP));
}

static void before_down(void)
{
	before_up();
	must();
	is_done = is_down;
	ready(message(RTM_NEWLINK, 0, CHILD, 0));
}

static void before_delete(void)
{
	is_done = is_gone;
	with_child();
	ready(message(RTM_DELLINK, 0, CHILD, 0));
}

static void before_list(void)
{
	if (uverbs_open(&uverbs, "sib0"))
		die("uverbs");
}

static int list(void)
{
	static struct rdma_ns_netdev_entry entries[ENTRIES];
	const struct rdma_ns_query_netdevs all = {
		.entries = (uintptr_t)entries,
		.entry_size = sizeof(entries[0]),
		.room = ENTRIES,
		.port = 1,
	};
	uint32_t total;

	return uverbs_query_netdevs(&uverbs, &all, sizeof(all), &total);
}

static void listed(void)
{
	uverbs_close(&uverbs);
}

static int file = -1;

static void before_policy(void)
{
	file = open(PARAMETERS "policy", O_RDWR | O_CLOEXEC);
	if (file < 0)
		die("policy");
}

static bool policy_is(const char *word)
{
	char text[16] = "";

	return pread(file, text, sizeof(text) - 1, 0) > 0 && !strncmp(text, word, strlen(word));
}

static int set_policy(void)
{
	return pwrite(file, "verify\n", 7, 0) == 7 ? 0 : -1;
}

static void policy_is_old(void)
{
	expect(policy_is("report"), "the policy has changed");
}

static void policy_is_new(void)
{
	expect(policy_is("verify"), "the policy has not changed");
	if (pwrite(file, "report\n", 7, 0) != 7)
		die("policy");
	close(file);
}

static void before_counters(void)
{
	file = open(PARAMETERS "requests", O_RDONLY | O_CLOEXEC);
	if (file < 0)
		die("requests");
}

static int read_counters(void)
{
	static char text[4096];

	return pread(file, text, sizeof(text), 0) > 100 ? 0 : -1;
}

static void close_file(void)
{
	close(file);
}

void walk_host(void)
{
	static const struct path paths[] = {
		{ "list netdevs", before_list, list, NULL, listed, false, { 0 } },
		{ "write the policy",
		  before_policy,
		  set_policy,
		  policy_is_old,
		  policy_is_new,
		  false,
		  { 0 } },
		{ "read the counters",
		  before_counters,
		  read_counters,
		  NULL,
		  close_file,
		  false,
		  { 0 } },
		{ "netdev, up", before_up, ask, refused, done, true, { ENOBUFS, EINVAL } },
		{ "netdev, down", before_down, ask, refused, done, true, { ENOBUFS } },
		{ "netdev, deleted", before_delete, ask, refused, done, true, { ENOBUFS } },
	};

	here = nl_socket_alloc();
	if (!here || nl_connect(here, NETLINK_ROUTE))
		die("no netlink socket");
	walk(paths, sizeof(paths) / sizeof(paths[0]));
}
