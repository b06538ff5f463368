// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* rdma-ns monitor: what it makes of the kernel's trace, in whose place is a pipe. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "monitor_resolution.h"
#include "monitor_trace.h"
#include "ns_messages.h"

int __wrap_clock_gettime(clockid_t clock, struct timespec *time);

static struct monitor monitor;
static time_t now = 1;

int __wrap_clock_gettime(clockid_t clock, struct timespec *time)
{
	(void)clock;
	*time = (struct timespec){ .tv_sec = now };
	return 0;
}

#define PREFIX "cma_ns_resolve: sib0/1 source=10.0.0.9:7000 destination=10.0.0.5:7471 "
#define STEP1 "pkey=0xffff wanted_qpn=0x00001a peer_qpn=0x000005 decided_by=qpn candidates=0 "
#define STEP2 "netns=4026531841 ifindex=3 handling=3 route=delivered error=0 "
#define STEP3 "rule=wildcard policy=verify reason=none refusal=none"

static bool parses(const char *text, struct monitor_resolution *resolution)
{
	char line[512];

	snprintf(line, sizeof(line), "%s", text);
	return monitor_resolution_parse(line, resolution);
}

static void test_resolutions(void **state)
{
	static const char *const bad[] = {
		"",
		"cma_ns_resolve:",
		"cma_ns_resolve: ",
		"cma_ns_resolve: sib0",
		"cma_ns_resolve: sib0/x " STEP1 STEP2 STEP3,
		"cma_ns_resolve: sib0/1 " STEP1,
		PREFIX STEP1 STEP2 "rule=wildcard policy=verify reason=none",
		PREFIX STEP1 STEP2 STEP3 " word",
		PREFIX STEP1 STEP2 STEP3 " refusal",
		PREFIX "pkey=-1 " STEP2 STEP3,
		PREFIX "wanted_qpn=0x1ffffffff " STEP2 STEP3,
		PREFIX STEP1 "netns=18446744073709551616 " STEP2 STEP3,
		PREFIX STEP1 "error=- route=delivered " STEP3,
		PREFIX STEP1 STEP2 "rule=wildcard policy=verify reason=none refusal=0x20",
	};
	struct monitor_resolution resolution;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		print_message("'%s'\n", bad[i]);
		assert_false(parses(bad[i], &resolution));
	}
	assert_true(parses(PREFIX STEP1 STEP2 STEP3, &resolution));
	assert_string_equal(resolution.device, "sib0");
	assert_int_equal(resolution.port, 1);
	assert_int_equal(resolution.wanted_qpn, 0x1a);
	assert_int_equal(resolution.netns, 4026531841);
	assert_int_equal(resolution.verdict, RDMA_NS_ACCEPT);
	assert_int_equal(resolution.policy, RDMA_NS_POLICY_VERIFY);
	assert_true(parses("cma_ns_resolve: sib0/1 source=[fd00::9]:1 destination=(einval) " STEP1
			   "later=1 netns=0 ifindex=0 handling=0 route=not_asked error=-113 "
			   "rule=not_asked policy=report reason=ambiguous refusal=route",
			   &resolution));
	assert_int_equal(resolution.peer.ss_family, AF_INET6);
	assert_int_equal(resolution.local.ss_family, AF_UNSPEC);
	assert_int_equal(resolution.route_error, -113);
	assert_int_equal(resolution.verdict, RDMA_NS_REJECT);
	assert_string_equal(resolution.reason, "a packet would not be delivered");
	assert_true(parses("cma_ns_resolve: sib0/1 " STEP1 STEP2
			   "rule=address policy=report reason=ambiguous refusal=none",
			   &resolution));
	assert_int_equal(resolution.verdict, RDMA_NS_ACCEPT_FLAGGED);
	assert_string_equal(resolution.reason, "several netdevs fit");
	assert_true(parses("cma_ns_resolve: sib0/1 " STEP1 STEP2
			   "rule=address policy=report reason=none refusal=malformed",
			   &resolution));
	assert_string_equal(resolution.reason, "not a request of RDMA CM");
	assert_int_equal(monitor_resolution_lost("CPU:1 [LOST 17 EVENTS]"), 17);
	assert_int_equal(monitor_resolution_lost("CPU:1 [LOST many EVENTS]"), 0);
	assert_int_equal(monitor_resolution_lost(PREFIX), 0);
}

/* A namespace, red, with a netdev. */
static void follow(void)
{
	static const uint8_t gid[16] = { 0xfe, 0x80 };
	const struct ns_link child = { 3, "ib0.1", "ipoib", .qpn = 6, .gid = gid };
	struct namespace red = { .inode = 4026531841, .name = (char *)"red" };
	struct namespaces namespaces = { .list = &red, .count = 1 };

	assert_int_equal(monitor_watches_update(&monitor.watches, NULL, &namespaces), 0);
	ns_add_link(&monitor.watches.first->table, &child);
}

/* What is printed when this has been traced. */
static const char *traced(struct monitor_trace *trace, int to, const char *text, size_t length)
{
	static char *printed;
	size_t size;

	free(printed);
	monitor.output.file = open_memstream(&printed, &size);
	assert_int_equal(write(to, text, length), length);
	while (monitor_trace_take(&monitor, trace))
		continue;
	fclose(monitor.output.file);
	return printed;
}

#define SAID(verdict, rest)                                                                   \
	"resolution: local 10.0.0.5:7471 peer 10.0.0.9:7000 verdict " verdict " netdev ib0.1 " \
	"netns red ifindex 3 device sib0 port 1 p_key 0xffff wanted_qpn 0x00001a peer_qpn "    \
	"0x000005 decided_by qpn candidates 0 route delivered handling_ifindex 3 rule "        \
	"wildcard policy verify" rest "\n"

static void test_trace(void **state)
{
	static const char accepted[] = PREFIX STEP1 STEP2 STEP3 "\n", lost[] = "CPU:0 [LOST 3 EVENTS]\n";
	static const char refused[] = PREFIX STEP1 STEP2
		"rule=wildcard policy=verify reason=none refusal=no_listener\n";
	static char many[1 << 15];
	struct monitor_trace trace;
	const char *text;
	int ends[2];

	(void)state;
	follow();
	monitor.all = true;
	monitor_trace_init(&trace, "/nowhere");
	assert_int_equal(monitor_trace_take(&monitor, &trace), 0);
	assert_int_equal(pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
	trace.pipe = ends[0];
	assert_string_equal(traced(&trace, ends[1], accepted, 20), "");
	assert_string_equal(traced(&trace, ends[1], accepted + 20, sizeof(accepted) - 21),
			    SAID("accept", ""));
	assert_string_equal(traced(&trace, ends[1], lost, sizeof(lost) - 1), "lost: resolutions 3\n");
	memset(many, 'x', sizeof(many));
	assert_string_equal(traced(&trace, ends[1], many, sizeof(many)), "");
	assert_string_equal(traced(&trace, ends[1], accepted, sizeof(accepted) - 1), "");
	assert_string_equal(traced(&trace, ends[1], refused, sizeof(refused) - 1),
			    SAID("reject", " reason no listener"));
	/* Those that are accepted take no lines from those that are refused. */
	monitor.output.rate = 1;
	now++;
	for (int i = 0; i < 5; i++)
		traced(&trace, ends[1], accepted, sizeof(accepted) - 1);
	assert_non_null(strstr(traced(&trace, ends[1], refused, sizeof(refused) - 1), "reject"));
	assert_string_equal(traced(&trace, ends[1], refused, sizeof(refused) - 1), "");
	monitor.output.rate = 0;
	monitor.filter.verdict = RDMA_NS_REJECT + 1;
	assert_string_equal(traced(&trace, ends[1], accepted, sizeof(accepted) - 1), "");
	assert_non_null(strstr(traced(&trace, ends[1], refused, sizeof(refused) - 1), "reject"));
	monitor.filter.address = ns_sockaddr("10.0.0.9", 0);
	assert_non_null(strstr(traced(&trace, ends[1], refused, sizeof(refused) - 1), "reject"));
	monitor.filter.address = ns_sockaddr("10.0.0.1", 0);
	assert_string_equal(traced(&trace, ends[1], refused, sizeof(refused) - 1), "");
	/* What is about no namespace is for those who follow all. */
	monitor.filter.address.ss_family = AF_UNSPEC;
	text = "cma_ns_resolve: sib0/1 " STEP1 "route=not_asked netns=0 rule=not_asked policy=report "
	       "reason=none refusal=qpn_unknown\n";
	assert_non_null(strstr(traced(&trace, ends[1], text, strlen(text)), "names no netdev"));
	monitor.all = false;
	assert_string_equal(traced(&trace, ends[1], text, strlen(text)), "");
	close(ends[0]);
	close(ends[1]);
	monitor_watches_release(&monitor.watches);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_resolutions),
		cmocka_unit_test(test_trace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
