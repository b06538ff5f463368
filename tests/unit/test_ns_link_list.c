// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* All netdevs are listed, even if the kernel ends a dump early or netdevs come and go meanwhile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <errno.h>

#include <cmocka.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <stdint.h>
#include <string.h>

#include "link_list.h"
#include "netdev_follow.h"
#include "ns_messages.h"

int __wrap_netlink_request(struct netlink *netlink, struct nlmsghdr *request,
			   netlink_handler handler, void *data);

#define NETDEVS 5 /* their numbers are 1 to this */

/* What the kernel does. */
static struct {
	uint32_t shown; /* how many netdevs a dump shows */
	int dump_error; /* at its end */
	int numbers_error, addresses_error;
	int numbers_errors; /* so many times; -1: always */
	uint32_t gone;	    /* between listing and asking */
	int dumps, singles;
} kernel;

static struct netlink none = { .fd = -1 };

static int end(int error)
{
	errno = error;
	return error ? -1 : 0;
}

static int tell_link(uint32_t ifindex, netlink_handler handler, void *data)
{
	struct ns_link link = { ifindex, "", "dummy" };
	struct ns_message message;
	char name[8] = "d0";

	name[1] = (char)('0' + ifindex);
	link.name = name;
	ns_message_link(&message, RTM_NEWLINK, &link);
	return handler(&message.header, data);
}

static int tell_number(uint32_t ifindex, netlink_handler handler, void *data)
{
	struct {
		struct nlmsghdr header;
		struct if_stats_msg info;
	} message = { .header = { .nlmsg_len = sizeof(message), .nlmsg_type = RTM_NEWSTATS },
		      .info.ifindex = ifindex };

	return handler(&message.header, data);
}

/* As the function itself does: what a handler returns about a single netdev is an error. */
static int tell_single(uint32_t ifindex, netlink_handler handler, void *data)
{
	kernel.singles++;
	if (ifindex == kernel.gone)
		return end(ENODEV);
	return tell_link(ifindex, handler, data) ? end(errno) : 0;
}

static int tell_numbers(netlink_handler handler, void *data)
{
	for (uint32_t i = 1; i <= NETDEVS; i++)
		assert_int_equal(tell_number(i, handler, data), 0);
	if (!kernel.numbers_errors)
		return 0;
	kernel.numbers_errors--;
	return end(kernel.numbers_error);
}

int __wrap_netlink_request(struct netlink *netlink, struct nlmsghdr *request,
			   netlink_handler handler, void *data)
{
	const struct ifinfomsg *info = nlmsg_data(request);
	int result = 0;

	assert_ptr_equal(netlink, &none);
	if (request->nlmsg_type == RTM_GETADDR)
		return end(kernel.addresses_error);
	if (request->nlmsg_type == RTM_GETSTATS)
		return tell_numbers(handler, data);
	/* Without it the kernel's buffer is as small as it can be. */
	assert_non_null(nlmsg_find_attr(request, sizeof(*info), IFLA_EXT_MASK));
	if (info->ifi_index)
		return tell_single((uint32_t)info->ifi_index, handler, data);
	kernel.dumps++;
	for (uint32_t i = 1; i <= kernel.shown && !result; i++)
		result = tell_link(i, handler, data);
	return result ? result : end(kernel.dump_error);
}

static int note(const struct nlmsghdr *header, void *data)
{
	const struct ifinfomsg *info = nlmsg_data(header);

	*(uint32_t *)data |= 1u << info->ifi_index;
	return 0;
}

/* Which netdevs are listed, as bits. */
static uint32_t listed(int error)
{
	uint32_t numbers = 0;

	kernel.dumps = kernel.singles = 0;
	assert_int_equal(link_list(&none, note, &numbers), error ? -1 : 0);
	if (error)
		assert_int_equal(errno, error);
	return numbers >> 1;
}

static void begin(uint32_t shown)
{
	memset(&kernel, 0, sizeof(kernel));
	kernel.shown = shown;
}

static void test_whole(void **state)
{
	(void)state;
	begin(NETDEVS);
	assert_int_equal(listed(0), 0x1f);
	assert_int_equal(kernel.dumps, 1);
	assert_int_equal(kernel.singles, 0);
}

static void test_short(void **state)
{
	(void)state;
	begin(2);
	assert_int_equal(listed(0), 0x1f);
	assert_int_equal(kernel.singles, 3);
	kernel.gone = 4;
	assert_int_equal(listed(0), 0x17);
	begin(0);
	kernel.dump_error = EMSGSIZE;
	assert_int_equal(listed(0), 0x1f);
}

static void test_disturbed(void **state)
{
	(void)state;
	begin(3);
	kernel.dump_error = EINTR;
	assert_int_equal(listed(0), 0x1f);
	assert_int_equal(kernel.dumps, 1);
	kernel.numbers_error = EINTR;
	kernel.numbers_errors = 2;
	assert_int_equal(listed(0), 0x1f);
	assert_int_equal(kernel.dumps, 3);
	kernel.numbers_errors = -1;
	assert_int_equal(listed(EINTR), 0x7);
}

/* A kernel that does not tell numbers knows no other names. */
static void test_old(void **state)
{
	(void)state;
	begin(NETDEVS);
	kernel.numbers_error = EOPNOTSUPP;
	kernel.numbers_errors = -1;
	assert_int_equal(listed(0), 0x1f);
	kernel.dump_error = EINTR;
	assert_int_equal(listed(EINTR), 0x1f);
}

static int stop_at_four(const struct nlmsghdr *header, void *data)
{
	const struct ifinfomsg *info = nlmsg_data(header);

	errno = 0;
	if (info->ifi_index < 4)
		return 0;
	errno = ENOMEM;
	return *(int *)data;
}

static void test_result(void **state)
{
	int result = 1;

	(void)state;
	begin(NETDEVS);
	assert_int_equal(link_list(&none, stop_at_four, &result), 1);
	kernel.shown = 2;
	assert_int_equal(link_list(&none, stop_at_four, &result), 1);
	result = -1;
	assert_int_equal(link_list(&none, stop_at_four, &result), -1);
	assert_int_equal(errno, ENOMEM);
}

static bool is_complete(void)
{
	struct netdev_table table = { 0 };
	bool complete;

	assert_int_equal(netdev_dump(&none, &table), 0);
	complete = !table.incomplete && table.by_ifindex.count == NETDEVS;
	netdev_table_release(&table);
	return complete;
}

static void test_table(void **state)
{
	(void)state;
	begin(1);
	assert_true(is_complete());
	kernel.dump_error = kernel.addresses_error = EINTR;
	assert_false(is_complete());
	kernel.addresses_error = 0;
	assert_true(is_complete());
	kernel.numbers_error = EINTR;
	kernel.numbers_errors = -1;
	assert_false(is_complete());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),	  cmocka_unit_test(test_short),
		cmocka_unit_test(test_disturbed), cmocka_unit_test(test_old),
		cmocka_unit_test(test_result),	  cmocka_unit_test(test_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
