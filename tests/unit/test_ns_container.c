// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Containers in paths of control groups: as engines make them, and as those who may make control
 * groups would like them to be read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "container.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
#define SHORT "0123456789ab"
#define UID "57e67067-89e4-4001-bdd4-8632d39ea02b"
#define UID_IN_SLICE "57e67067_89e4_4001_bdd4_8632d39ea02b"
#define STATIC_UID "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
#define USER_SLICE "/user.slice/user-1000.slice/user@1000.service"
#define BURSTABLE "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod"
#define NAME_OF_63 "a23456789012345678901234567890123456789012345678901234567890123"

/* A NULL name: no container. */
struct example {
	const char *path, *name, *id, *pod;
	uint32_t user;
};

static void check(const struct example *examples, size_t count)
{
	struct container container;
	char name[CONTAINER_NAME_MAX];

	for (size_t i = 0; i < count; i++) {
		const struct example *example = &examples[i];

		print_message("%s\n", example->path);
		memset(&container, 0xff, sizeof(container));
		if (!example->name) {
			assert_false(container_parse(example->path, &container));
			assert_null(container.engine);
			continue;
		}
		assert_true(container_parse(example->path, &container));
		assert_string_equal(container_name(&container, name), example->name);
		assert_string_equal(container.id, example->id ? example->id : ID);
		assert_string_equal(container.pod, example->pod ? example->pod : "");
		assert_int_equal(container.user, example->user);
	}
}

static void test_engines(void **state)
{
	static const struct example examples[] = {
		{ .path = "/machine.slice/libpod-" ID ".scope", .name = "podman:" SHORT },
		{ .path = "/machine.slice/libpod-" ID ".scope/container",
		  .name = "podman:" SHORT },
		{ .path = "/libpod_parent/libpod-" ID, .name = "podman:" SHORT },
		{ .path = "/system.slice/web.service/libpod-payload-" ID,
		  .name = "podman:" SHORT },
		{ .path = "/machine.slice/machine-libpod_pod_" OTHER ".slice/libpod-" ID ".scope",
		  .name = "podman:" SHORT,
		  .pod = OTHER },
		{ .path = USER_SLICE "/user.slice/libpod-" ID ".scope",
		  .name = "uid:1000/podman:" SHORT,
		  .user = 1000 },
		{ .path = USER_SLICE "/user.slice/user-libpod_pod_" OTHER ".slice/libpod-" ID
				     ".scope",
		  .name = "uid:1000/podman:" SHORT,
		  .pod = OTHER,
		  .user = 1000 },
		{ .path = "/user.slice/user-0.slice/session-1.scope/libpod-payload-" ID,
		  .name = "podman:" SHORT },
		{ .path = "/machine.slice/libpod-conmon-" ID ".scope" },
		{ .path = "/libpod_parent/conmon" },
		{ .path = "/system.slice/docker-" ID ".scope", .name = "docker:" SHORT },
		{ .path = "/docker/" ID, .name = "docker:" SHORT },
		{ .path = "/docker/" ID "/init.scope", .name = "docker:" SHORT },
		{ .path = "/docker/buildx" },
		{ .path = "/system.slice/docker.service" },
		{ .path = USER_SLICE "/user.slice/docker-" ID ".scope",
		  .name = "uid:1000/docker:" SHORT,
		  .user = 1000 },
		{ .path = "/system.slice/nerdctl-" ID ".scope", .name = "nerdctl:" SHORT },
		{ .path = "/system.slice/containerd.service" },
		{ .path = "/lxc.payload.web", .name = "lxc:web", .id = "web" },
		{ .path = "/lxc.payload.project_web/system.slice/cron.service",
		  .name = "lxc:project_web",
		  .id = "project_web" },
		{ .path = "/lxc.payload/web/init.scope", .name = "lxc:web", .id = "web" },
		{ .path = "/lxc/101/ns", .name = "lxc:101", .id = "101" },
		{ .path = "/lxc.monitor.web" },
		{ .path = "/lxc.monitor/web" },
		{ .path = "/lxc" },
		{ .path = "/init.scope" },
		{ .path = "/user.slice/user-1000.slice/session-2.scope" },
		{ .path = "/" },
	};

	(void)state;
	check(examples, COUNT(examples));
}

static void test_kubernetes(void **state)
{
	static const struct example examples[] = {
		{ .path = BURSTABLE UID_IN_SLICE ".slice/cri-containerd-" ID ".scope",
		  .name = "containerd:" SHORT,
		  .pod = UID },
		{ .path = BURSTABLE UID_IN_SLICE ".slice/crio-" ID ".scope",
		  .name = "cri-o:" SHORT,
		  .pod = UID },
		{ .path = BURSTABLE UID_IN_SLICE ".slice/crio-" ID ".scope/container",
		  .name = "cri-o:" SHORT,
		  .pod = UID },
		{ .path = BURSTABLE UID_IN_SLICE ".slice/docker-" ID ".scope",
		  .name = "docker:" SHORT,
		  .pod = UID },
		{ .path = "/kubepods.slice/kubepods-pod" UID_IN_SLICE ".slice/cri-containerd-" ID
			  ".scope",
		  .name = "containerd:" SHORT,
		  .pod = UID },
		{ .path = BURSTABLE STATIC_UID ".slice/cri-containerd-" ID ".scope",
		  .name = "containerd:" SHORT,
		  .pod = STATIC_UID },
		{ .path = "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-besteffort.slice/"
			  "kubelet-kubepods-besteffort-pod" UID_IN_SLICE ".slice/cri-containerd-" ID
			  ".scope",
		  .name = "containerd:" SHORT,
		  .pod = UID },
		{ .path = "/kubepods/burstable/pod" UID "/" ID,
		  .name = "containerd:" SHORT,
		  .pod = UID },
		{ .path = "/kubepods/pod" UID "/" ID, .name = "containerd:" SHORT, .pod = UID },
		{ .path = "/kubepods/besteffort/pod" STATIC_UID "/" ID,
		  .name = "containerd:" SHORT,
		  .pod = STATIC_UID },
		{ .path = "/kubepods/burstable/pod" UID "/crio-" ID,
		  .name = "cri-o:" SHORT,
		  .pod = UID },
		{ .path = "/system.slice/containerd.service/kubepods-besteffort-pod" UID_IN_SLICE
			  ".slice:cri-containerd:" ID,
		  .name = "containerd:" SHORT,
		  .pod = UID },
		{ .path = "/kubepods-pod" UID_IN_SLICE ".slice:crio:" ID,
		  .name = "cri-o:" SHORT,
		  .pod = UID },
		{ .path = "/system.slice:docker:" ID, .name = "docker:" SHORT },
		{ .path = BURSTABLE UID_IN_SLICE ".slice/crio-conmon-" ID ".scope" },
		{ .path = "/kubepods/burstable/pod" UID },
		{ .path = BURSTABLE UID_IN_SLICE ".slice" },
		/* Of no engine that is known. */
		{ .path = BURSTABLE UID_IN_SLICE ".slice/" ID },
		/* A node that is a container itself. */
		{ .path = "/docker/" OTHER "/kubelet/kubepods/burstable/pod" UID "/" ID,
		  .name = "docker:fedcba987654",
		  .id = OTHER },
	};

	(void)state;
	check(examples, COUNT(examples));
}

static void test_machines_and_jobs(void **state)
{
	static const struct example examples[] = {
		{ .path = "/machine.slice/machine-web.scope", .name = "nspawn:web", .id = "web" },
		{ .path = "/machine.slice/machine-web\\x2d1.scope/payload",
		  .name = "nspawn:web-1",
		  .id = "web-1" },
		{ .path = "/machine.slice/systemd-nspawn@web\\x2d1.service/payload",
		  .name = "nspawn:web-1",
		  .id = "web-1" },
		{ .path = "/machine.slice/systemd-nspawn@web-1.service",
		  .name = "nspawn:web-1",
		  .id = "web-1" },
		{ .path = "/machine.slice/machine-qemu\\x2d6\\x2dvm\\x2d1.scope/libvirt/emulator",
		  .name = "libvirt:qemu-6-vm-1",
		  .id = "qemu-6-vm-1" },
		{ .path = "/machine.slice/machine-lxc\\x2d12\\x2dbox.scope",
		  .name = "libvirt:lxc-12-box",
		  .id = "lxc-12-box" },
		{ .path = "/machine.slice/machine-lxc\\x2dbox.scope",
		  .name = "nspawn:lxc-box",
		  .id = "lxc-box" },
		{ .path = "/machine.slice" },
		{ .path = "/slurm/uid_1000/job_42/step_0/task_0", .name = "slurm:42", .id = "42" },
		{ .path = "/slurm_node1/uid_1000/job_42", .name = "slurm:42", .id = "42" },
		{ .path = "/system.slice/slurmstepd.scope/job_42/step_0/user/task_0",
		  .name = "slurm:42",
		  .id = "42" },
		{ .path = "/system.slice/node1_slurmstepd.scope/job_42/step_batch/user",
		  .name = "slurm:42",
		  .id = "42" },
		{ .path = "/system.slice/slurmstepd.scope/system" },
		{ .path = "/system.slice/slurmd.service" },
	};

	(void)state;
	check(examples, COUNT(examples));
}

static void test_hostile(void **state)
{
	static const struct example examples[] = {
		/* Whoever is in a container may have made the groups below its own. */
		{ .path = "/system.slice/docker-" OTHER ".scope/libpod-" ID ".scope",
		  .name = "docker:fedcba987654",
		  .id = OTHER },
		{ .path = "/lxc.payload.mine/docker/" ID, .name = "lxc:mine", .id = "mine" },
		{ .path = "/system.slice/slurmstepd.scope/job_42/step_0/libpod-" ID ".scope",
		  .name = "slurm:42",
		  .id = "42" },
		{ .path = USER_SLICE "/user-0.slice/libpod-" ID ".scope",
		  .name = "uid:1000/podman:" SHORT,
		  .user = 1000 },
		{ .path = USER_SLICE "/user@2000.service/libpod-" ID ".scope",
		  .name = "uid:1000/podman:" SHORT,
		  .user = 1000 },
		{ .path = "/../libpod-" ID ".scope" },
		{ .path = "/../../machine.slice/libpod-" ID ".scope" },
		{ .path = "/machine.slice/libpod-" ID ".scope/.." },
		{ .path = "machine.slice/libpod-" ID ".scope" },
		{ .path = "" },
		/* More or less than an ID. */
		{ .path = "/libpod-" ID "0.scope" },
		{ .path = "/libpod-0123456789ab.scope" },
		{ .path = "/libpod-0123456789ABCDEF" },
		{ .path = "/libpod-.scope" },
		{ .path = "/libpod-" ID ".scope.scope" },
		{ .path = "/libpod-" ID ".scope (deleted)" },
		{ .path = "/libpod-" ID "\xff.scope" },
		{ .path = "/xlibpod-" ID ".scope" },
		{ .path = "/libpod-payload-libpod-" ID },
		{ .path = "/" ID },
		{ .path = "/pod" UID "/" ID },
		{ .path = "/kubepods/pod" UID "x/" ID },
		{ .path = "/kubepods/pod57e67067/" ID },
		{ .path = "/x-pod" UID_IN_SLICE ".slice/cri-containerd-" ID ".scope",
		  .name = "containerd:" SHORT },
		{ .path = "/" BURSTABLE UID_IN_SLICE ".slice/other/cri-containerd-" ID ".scope",
		  .name = "containerd:" SHORT },
		{ .path = ":cri-containerd:" ID },
		{ .path = "/:cri-containerd:" ID, .name = "containerd:" SHORT },
		/* Names that could be read as something else. */
		{ .path = "/machine.slice/machine-.scope" },
		{ .path = "/machine.slice/machine-pid\\x3a7.scope" },
		{ .path = "/machine.slice/machine-a\\x2fpid.scope" },
		{ .path = "/machine.slice/machine-a\\x20b.scope" },
		{ .path = "/machine.slice/machine-a\\x00b.scope" },
		{ .path = "/machine.slice/machine-a\\x1b.scope" },
		{ .path = "/machine.slice/machine-a\\x5cx2d.scope" },
		{ .path = "/machine.slice/machine-a\\x2.scope" },
		{ .path = "/machine.slice/machine-a\\x2D.scope" },
		{ .path = "/machine.slice/machine-a\\.scope" },
		{ .path = "/machine.slice/machine-a\\" },
		{ .path = "/machine.slice/machine-" ID ".scope" },
		{ .path = "/machine.slice/machine-" NAME_OF_63 ".scope",
		  .name = "nspawn:" NAME_OF_63,
		  .id = NAME_OF_63 },
		{ .path = "/lxc.payload." NAME_OF_63 "4" },
		{ .path = "/lxc.payload." },
		{ .path = "/lxc.payload.a b" },
		{ .path = "/lxc.payload.\x1b[2J" },
		{ .path = "/x/lxc/web" },
		{ .path = "/slurm/uid_1000/job_42x" },
		{ .path = "/slurm/uid_1000/job_" },
		{ .path = "/slurm/uid_1000/job_42424242424242" },
		{ .path = "/slurm/uid_x/job_42" },
		{ .path = "/slurmx/uid_1000/job_42" },
		{ .path = "/job_42" },
		/* 2^32 + 1000 is no user's number. */
		{ .path = "/user-4294968296.slice/libpod-" ID ".scope",
		  .name = "podman:" SHORT },
	};

	(void)state;
	check(examples, COUNT(examples));
}

static void check_file(const char *text, const char *expected)
{
	FILE *file = fmemopen((void *)text, strlen(text), "r");
	struct container container;
	char name[CONTAINER_NAME_MAX];

	print_message("%s", text);
	assert_non_null(file);
	container_read(file, &container);
	fclose(file);
	if (expected) {
		assert_non_null(container.engine);
		assert_string_equal(container_name(&container, name), expected);
	} else {
		assert_null(container.engine);
	}
}

static void test_files(void **state)
{
	(void)state;
	check_file("0::/system.slice/docker-" ID ".scope\n", "docker:" SHORT);
	check_file("0::/system.slice/docker-" ID ".scope", "docker:" SHORT);
	check_file("0::/\n", NULL);
	check_file("0:\n", NULL);
	check_file("\n", NULL);
	/* v1: the path has colons of its own. */
	check_file("12:cpu,cpuacct:/system.slice:docker:" ID "\n", "docker:" SHORT);
	check_file("12:pids:/docker/" ID "\n11:cpu,cpuacct:/docker/" ID "\n1:name=systemd:/docker/" ID
		   "\n0::/system.slice/containerd.service\n",
		   "docker:" SHORT);
	check_file("9:freezer:/slurm/uid_1000/job_42/step_0\n"
		   "1:name=systemd:/system.slice/slurmd.service\n",
		   "slurm:42");
	/* One of the trees may be a tenant's. */
	check_file("12:pids:/docker/" ID "\n1:name=systemd:/docker/" OTHER "\n", NULL);
	check_file("12:pids:/docker/" ID "\n1:name=systemd:" USER_SLICE "/docker/" ID "\n", NULL);
	check_file("12:pids:/docker/" OTHER "\n1:name=systemd:/docker/" ID "\n0::/docker/" OTHER "\n",
		   NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_engines),
		cmocka_unit_test(test_kubernetes),
		cmocka_unit_test(test_machines_and_jobs),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
