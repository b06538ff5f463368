// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* What rdma-ns doctor reads: ports in sysfs, limits of control groups, counters of the kernel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "doctor_counts.h"
#include "ns_folder.h"
#include "port_state.h"
#include "rdma_limits.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static FILE *text_file(const char *text)
{
	return fmemopen((void *)text, strlen(text), "r");
}

static void test_port_states(void **state)
{
	static const struct {
		const char *state, *link, *word, *link_word;
		unsigned int number;
	} examples[] = {
		{ "4: ACTIVE\n", "5: LinkUp\n", "ACTIVE", "LinkUp", PORT_ACTIVE },
		{ "2: INIT\n", "5: LinkUp\n", "INIT", "LinkUp", PORT_INIT },
		{ "1: DOWN\n", "2: Polling\n", "DOWN", "Polling", PORT_DOWN },
		{ "1: DO\x1bWN\n", "3\n", "DOWN", "", PORT_DOWN },
		{ "ACTIVE\n", "\n", "", "", 0 },
		{ "4\n", "", "", "", 0 },
	};
	struct port_state port;

	(void)state;
	port_state_read(ns_folder, "sib0", 1, &port);
	assert_int_equal(port.state, 0);
	assert_string_equal(port.word, "");
	for (size_t i = 0; i < COUNT(examples); i++) {
		print_message("%s", examples[i].state);
		ns_folder_put("class/infiniband/sib0/ports/1/state", examples[i].state);
		ns_folder_put("class/infiniband/sib0/ports/1/phys_state", examples[i].link);
		port_state_read(ns_folder, "sib0", 1, &port);
		assert_int_equal(port.state, examples[i].number);
		assert_string_equal(port.word, examples[i].word);
		assert_string_equal(port.link, examples[i].link_word);
	}
}

static void test_pkeys(void **state)
{
	(void)state;
	/* Nothing is claimed of a table that cannot be read. */
	assert_true(port_has_pkey(ns_folder, "sib0", 1, 0x8001));
	ns_folder_put("class/infiniband/sib0/ports/1/pkeys/0", "0xffff\n");
	ns_folder_put("class/infiniband/sib0/ports/1/pkeys/1", "0x8001\n");
	ns_folder_put("class/infiniband/sib0/ports/1/pkeys/2", "0x0002\n");
	ns_folder_put("class/infiniband/sib0/ports/1/pkeys/readme", "0x8003\n");
	assert_true(port_has_pkey(ns_folder, "sib0", 1, 0xffff));
	assert_true(port_has_pkey(ns_folder, "sib0", 1, 0x8001));
	assert_true(port_has_pkey(ns_folder, "sib0", 1, 0x0001));
	assert_true(port_has_pkey(ns_folder, "sib0", 1, 0x8002));
	assert_false(port_has_pkey(ns_folder, "sib0", 1, 0x8003));
	assert_true(port_has_pkey(ns_folder, "sib0", 2, 0x8003));
}

static void test_gids(void **state)
{
	struct port_gid_types types;
	uint8_t gid[16];

	(void)state;
	inet_pton(AF_INET6, "::ffff:10.1.0.1", gid);
	port_gid_types_read(ns_folder, "rxe0", 1, gid, &types);
	assert_false(types.read || types.v1 || types.v2);
	ns_folder_put("class/infiniband/rxe0/ports/1/gids/0", "fe80:0000:0000:0000:0000:0000:0000:0001\n");
	ns_folder_put("class/infiniband/rxe0/ports/1/gid_attrs/types/0", "RoCE v2\n");
	port_gid_types_read(ns_folder, "rxe0", 1, gid, &types);
	assert_true(types.read && !types.v1 && !types.v2);
	ns_folder_put("class/infiniband/rxe0/ports/1/gids/1", "0000:0000:0000:0000:0000:ffff:0a01:0001\n");
	ns_folder_put("class/infiniband/rxe0/ports/1/gid_attrs/types/1", "IB/RoCE v1\n");
	port_gid_types_read(ns_folder, "rxe0", 1, gid, &types);
	assert_true(types.read && types.v1 && !types.v2);
	ns_folder_put("class/infiniband/rxe0/ports/1/gids/2", "0000:0000:0000:0000:0000:ffff:0a01:0001\n");
	ns_folder_put("class/infiniband/rxe0/ports/1/gid_attrs/types/2", "RoCE v2\n");
	port_gid_types_read(ns_folder, "rxe0", 1, gid, &types);
	assert_true(types.read && types.v1 && types.v2);
}

static void test_roce_mode(void **state)
{
	(void)state;
	assert_int_equal(port_roce_mode(ns_folder, "rxe0", 1), 2);
	ns_folder_put("kernel/config/rdma_cm/rxe0/ports/1/default_roce_mode", "IB/RoCE v1\n");
	assert_int_equal(port_roce_mode(ns_folder, "rxe0", 1), 1);
	assert_int_equal(port_roce_mode(ns_folder, "rxe0", 2), 2);
	ns_folder_put("kernel/config/rdma_cm/rxe0/ports/1/default_roce_mode", "RoCE v2\n");
	assert_int_equal(port_roce_mode(ns_folder, "rxe0", 1), 2);
}

static void test_limits(void **state)
{
	static const struct {
		const char *line;
		uint32_t handles, objects;
		bool valid;
	} examples[] = {
		{ "sib0 hca_handle=2 hca_object=2000\n", 2, 2000, true },
		{ "sib0 hca_handle=max hca_object=0", RDMA_NO_LIMIT, 0, true },
		{ "sib0 hca_object=7\n", RDMA_NO_LIMIT, 7, true },
		{ "sib0 hca_handle=99999999999999999999\n", RDMA_NO_LIMIT, RDMA_NO_LIMIT, true },
		{ "sib0 hca_handle=-1\n", RDMA_NO_LIMIT, RDMA_NO_LIMIT, false },
		{ "sib0 hca_handle=1x\n", 1, RDMA_NO_LIMIT, false },
		{ "sib0 hca_handle\n", RDMA_NO_LIMIT, RDMA_NO_LIMIT, false },
		{ "sib0\n", RDMA_NO_LIMIT, RDMA_NO_LIMIT, false },
		{ "\n", 0, 0, false },
		{ "", 0, 0, false },
		{ " hca_handle=1\n", 0, 0, false },
	};
	struct rdma_limit limit;
	char line[400];

	(void)state;
	for (size_t i = 0; i < COUNT(examples); i++) {
		print_message("'%s'\n", examples[i].line);
		assert_int_equal(rdma_limit_parse(examples[i].line, &limit), examples[i].valid);
		if (!examples[i].valid)
			continue;
		assert_string_equal(limit.device, "sib0");
		assert_int_equal(limit.handles, examples[i].handles);
		assert_int_equal(limit.objects, examples[i].objects);
	}
	memset(line, 'x', sizeof(line));
	strcpy(line + RDMA_NS_DEVICE_NAME_MAX, " hca_handle=1");
	assert_false(rdma_limit_parse(line, &limit));
	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	assert_false(rdma_limit_parse(line, &limit));
}

#define V2 "31 23 0:27 / /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
#define V1 "33 23 0:28 / /run/rdma rw - cgroup none rw,rdma\n"
#define V1_OTHER "34 23 0:29 / /run/devices rw - cgroup rdma rw,devices,rdmax\n"
#define BOUND "35 23 0:27 /pods/a /groups rw - cgroup2 cgroup2 rw\n"
#define NOISE \
	"22 1 0:21 / / rw - overlay overlay rw\n36 23 0:30 / /cgroup2 rw - tmpfs cgroup2 rdma\nx\n"

static void test_groups(void **state)
{
	static const struct {
		const char *mounts, *groups, *folder; /* NULL: none */
	} examples[] = {
		{ NOISE V2, "0::/user.slice/a b\n", "/sys/fs/cgroup/user.slice/a b" },
		{ NOISE V2, "0::/\n", "/sys/fs/cgroup" },
		{ NOISE V2, "1:rdma:/v1\n0::/v2\n", "/sys/fs/cgroup/v2" },
		/* With both versions, the controller is where it is mounted. */
		{ V2 V1, "5:cpu,rdma:/limits\n0::/v2\n", "/run/rdma/limits" },
		{ V1 V2, "5:rdma:/limits\n0::/v2\n", "/run/rdma/limits" },
		{ V1_OTHER V2, "5:rdmax:/limits\n0::/v2\n", "/sys/fs/cgroup/v2" },
		{ V1, "5:cpu:/limits\n0::/v2\n", NULL },
		/* Only a part of the tree is mounted. */
		{ BOUND, "0::/pods/a/x\n", "/groups/x" },
		{ BOUND, "0::/pods/a\n", "/groups" },
		{ BOUND, "0::/pods/ab\n", NULL },
		{ BOUND, "0::/\n", NULL },
		{ V2, "0::/../../other\n", NULL },
		{ V2, "nonsense\n", NULL },
	};
	struct group_mount mount;
	char folder[256];

	(void)state;
	for (size_t i = 0; i < COUNT(examples); i++) {
		FILE *mounts = text_file(examples[i].mounts),
		     *groups = text_file(examples[i].groups);

		print_message("%s%s", examples[i].mounts, examples[i].groups);
		assert_true(group_mount_find(mounts, &mount));
		assert_int_equal(group_folder(groups, &mount, folder, sizeof(folder)),
				 examples[i].folder != NULL);
		if (examples[i].folder)
			assert_string_equal(folder, examples[i].folder);
		fclose(mounts);
		fclose(groups);
	}
}

static void test_no_groups(void **state)
{
	FILE *mounts = text_file(NOISE V1_OTHER), *groups = text_file("0::/0123456789\n");
	struct group_mount mount = { .path = "/groups", .root = "/", .unified = true };
	char folder[18];

	(void)state;
	assert_false(group_mount_find(mounts, &mount));
	/* A path that is too long is not cut. */
	assert_false(group_folder(groups, &mount, folder, sizeof(folder)));
	fclose(mounts);
	fclose(groups);
}

static void test_counts(void **state)
{
	static const char lines[] = "accepted qpn 7\nrefused ambiguous 0\nrefused qpn_unknown 12\n"
				    "refused \x1b[2J 1\nrefused route x\nrefused no_listener 1\n"
				    "refused late 1 2\nrefused\n";
	char counts[DOCTOR_COUNTS_MAX], many[6000] = "";
	FILE *file = text_file(lines);

	(void)state;
	assert_true(doctor_counts(file, "refused ", counts));
	assert_string_equal(counts, "qpn_unknown 12, no_listener 1");
	rewind(file);
	assert_true(doctor_counts(file, "nothing ", counts));
	assert_string_equal(counts, "");
	fclose(file);
	for (int i = 0; i < 200; i++)
		sprintf(many + strlen(many), "refused some_reason %d\n", 1000 + i);
	file = text_file(many);
	assert_true(doctor_counts(file, "refused ", counts));
	assert_int_equal(strncmp(counts, "some_reason 1000, some_reason 1001, ", 36), 0);
	assert_true(strlen(counts) > DOCTOR_COUNTS_MAX / 2);
	fclose(file);
	file = fopen("/dev/null", "r");
	assert_false(doctor_counts(file, "", counts));
	fclose(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_port_states, ns_folder_create,
						ns_folder_destroy),
		cmocka_unit_test_setup_teardown(test_pkeys, ns_folder_create, ns_folder_destroy),
		cmocka_unit_test_setup_teardown(test_gids, ns_folder_create, ns_folder_destroy),
		cmocka_unit_test_setup_teardown(test_roce_mode, ns_folder_create,
						ns_folder_destroy),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_groups),
		cmocka_unit_test(test_no_groups),
		cmocka_unit_test(test_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
