// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * The search for network namespaces on this machine: it ends in time wherever the time runs out,
 * waits for no file that keeps its callers waiting, asks a socket once, and gives no two namespaces
 * one name.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <linux/sockios.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "namespaces.h"

#define COPIES 100
#define SILENT_MAX 5

int __wrap_clock_gettime(clockid_t clock, struct timespec *now);
uint64_t __real_netlink_netns_inode(int netns_fd);
uint64_t __wrap_netlink_netns_inode(int netns_fd);
int __real_ioctl(int fd, unsigned long request);
int __wrap_ioctl(int fd, unsigned long request, ...);
pid_t __real_fork(void);
pid_t __wrap_fork(void);

/* A clock that stands until it has been read so often, and then is a long time further. */
static struct {
	unsigned int reads, ends_after;
	void (*at_fifth)(void); /* or NULL: what happens in the midst of the first pass */
} clock_state;

int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
	(void)clock;
	*now = (struct timespec){ .tv_sec = 1000 };
	if (++clock_state.reads > clock_state.ends_after)
		now->tv_sec += SEARCH_SECONDS;
	if (clock_state.reads == 5 && clock_state.at_fifth)
		clock_state.at_fifth();
	return 0;
}

static uint64_t next_inode;

uint64_t __wrap_netlink_netns_inode(int netns_fd)
{
	return next_inode ? next_inode : __real_netlink_netns_inode(netns_fd);
}

static ino_t asked_socket, silent_sockets[SILENT_MAX];
static bool asking_kills; /* who asks a silent socket is killed instead */
static struct {
	unsigned int asked, silences; /* so many questions to silent sockets have no answer */
} * shared;			      /* with the process that asks */
static bool no_process;

pid_t __wrap_fork(void)
{
	errno = EAGAIN;
	return no_process ? -1 : __real_fork();
}

static bool is_silent(ino_t socket)
{
	for (int i = 0; i < SILENT_MAX; i++) {
		if (silent_sockets[i] == socket)
			return true;
	}
	return false;
}

/* In the place of SIOCGSKNS, which only root may use. */
int __wrap_ioctl(int fd, unsigned long request, ...)
{
	struct stat status;

	if (request != SIOCGSKNS)
		return __real_ioctl(fd, request);
	assert_int_equal(fstat(fd, &status), 0);
	if (is_silent(status.st_ino) && shared->silences) {
		shared->silences--;
		if (asking_kills)
			kill(getpid(), SIGKILL);
		pause();
	}
	if (status.st_ino == asked_socket)
		shared->asked++;
	return open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
}

static void find(struct namespaces *namespaces, unsigned int ends_after)
{
	clock_state.reads = 0;
	clock_state.ends_after = ends_after;
	assert_int_equal(namespaces_find(namespaces, NAMESPACES_ALL), 0);
	assert_true(namespaces->count >= 1);
}

static void test_time(void **state)
{
	struct namespaces namespaces;
	unsigned int reads;

	(void)state;
	find(&namespaces, UINT32_MAX);
	reads = clock_state.reads;
	assert_int_equal(namespaces.unseen[UNSEEN_LATE], 0);
	namespaces_release(&namespaces);
	/* Processes come and go meanwhile, hence not to the last. */
	for (unsigned int ends_after = 1; ends_after < reads / 2; ends_after = 2 * ends_after + 1) {
		print_message("the time ends after %u of %u reads\n", ends_after, reads);
		find(&namespaces, ends_after);
		assert_true(namespaces.unseen[UNSEEN_LATE] > 0);
		assert_int_equal(namespaces_tell(&namespaces), STATUS_UNSEEN);
		/* Then once for each process in each of four passes, and for what was begun. */
		assert_true(clock_state.reads <=
			    ends_after + 4 * (namespaces.unseen[UNSEEN_LATE] + 10));
		namespaces_release(&namespaces);
	}
}

/* May a process that this one starts copy the descriptors of that one? */
static bool may_copy(pid_t pid)
{
	const pid_t asker = fork();
	int status;

	assert_true(asker >= 0);
	if (!asker) {
		const int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);

		_exit(pidfd < 0 || syscall(SYS_pidfd_getfd, pidfd, 0, 0) < 0 ? 1 : 0);
	}
	assert_int_equal(waitpid(asker, &status, 0), asker);
	return !status;
}

static void test_one_socket(void **state)
{
	struct namespaces namespaces;
	int fds[COPIES];
	struct stat status;

	(void)state;
	if (!may_copy(getpid()))
		skip();
	fds[0] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(fstat(fds[0], &status), 0);
	for (int i = 1; i < COPIES; i++)
		fds[i] = dup(fds[0]);
	asked_socket = status.st_ino;
	shared->asked = 0;
	if (syscall(SYS_kcmp, getpid(), getpid(), KCMP_FILE, fds[0], fds[1]))
		skip();
	find(&namespaces, UINT32_MAX);
	assert_int_equal(shared->asked, 1);
	namespaces_release(&namespaces);
	for (int i = 0; i < COPIES; i++)
		close(fds[i]);
}

static pid_t silent[SILENT_MAX];

/* Another process with a socket that keeps those waiting who ask it. */
static void start_silent(int index)
{
	const int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct stat status;

	assert_int_equal(fstat(fd, &status), 0);
	silent[index] = fork();
	assert_true(silent[index] >= 0);
	if (!silent[index]) {
		/* For may_copy(). */
		dup2(fd, 0);
		pause();
		_exit(0);
	}
	silent_sockets[index] = status.st_ino;
	close(fd);
}

static int end_silent(void **state)
{
	(void)state;
	for (int i = 0; i < SILENT_MAX; i++) {
		if (silent[i] > 0) {
			kill(silent[i], SIGKILL);
			waitpid(silent[i], NULL, 0);
		}
		silent[i] = 0;
		silent_sockets[i] = 0;
	}
	shared->silences = 0;
	asking_kills = false;
	no_process = false;
	return 0;
}

/* Look while so many questions have no answer. */
static void find_silent(struct namespaces *namespaces, unsigned int silences)
{
	start_silent(0);
	if (!may_copy(silent[0]))
		skip();
	shared->silences = silences;
	find(namespaces, UINT32_MAX);
}

static void check_silent(struct namespaces *namespaces, int error)
{
	char name[32];

	snprintf(name, sizeof(name), "pid:%d", silent[0]);
	assert_int_equal(namespaces->unseen[UNSEEN_LATE], 1);
	assert_string_equal(namespaces->example[UNSEEN_LATE], name);
	assert_int_equal(namespaces->error[UNSEEN_LATE], error);
	assert_int_equal(namespaces_tell(namespaces), STATUS_UNSEEN);
	namespaces_release(namespaces);
}

static void test_silent_socket(void **state)
{
	struct namespaces namespaces;

	(void)state;
	find_silent(&namespaces, UINT32_MAX);
	check_silent(&namespaces, EBUSY);
}

static void test_asked_again(void **state)
{
	struct namespaces namespaces;

	(void)state;
	find_silent(&namespaces, 1);
	assert_int_equal(namespaces.unseen[UNSEEN_LATE], 0);
	namespaces_release(&namespaces);
}

static void test_examiner_killed(void **state)
{
	struct namespaces namespaces;

	(void)state;
	asking_kills = true;
	find_silent(&namespaces, UINT32_MAX);
	check_silent(&namespaces, ECANCELED);
}

/* Processes that do not end must not become many. */
static void test_many_silent(void **state)
{
	struct namespaces namespaces;

	(void)state;
	for (int i = 1; i < SILENT_MAX; i++)
		start_silent(i);
	find_silent(&namespaces, UINT32_MAX);
	assert_int_equal(UINT32_MAX - shared->silences, 4);
	assert_true(namespaces.unseen[UNSEEN_LATE] >= SILENT_MAX);
	assert_int_equal(namespaces.error[UNSEEN_LATE], EBUSY);
	namespaces_release(&namespaces);
}

/* A mount that cannot be reached makes the search look again. *@pid: 0 if it cannot be made. */
static FILE *cover_mount(pid_t *pid)
{
	FILE *covered = popen("exec unshare --user --map-root-user --mount sh -c '"
			      "mount -t tmpfs none /mnt && : >/mnt/netns && "
			      "unshare --net mount --bind /proc/self/ns/net /mnt/netns && "
			      "mount -t tmpfs none /mnt && echo $$ && exec sleep 600 >/dev/null' "
			      "2>/dev/null",
			      "r");
	char line[32] = "";

	*pid = 0;
	if (covered && fgets(line, sizeof(line), covered))
		*pid = (pid_t)strtol(line, NULL, 10);
	return covered;
}

static void uncover_mount(FILE *covered, pid_t pid)
{
	if (pid)
		kill(pid, SIGKILL);
	if (covered)
		pclose(covered);
}

/* Whoever is asked after that is innocent. */
static void test_who_was_silent(void **state)
{
	struct namespaces namespaces;
	char name[32];
	FILE *covered;
	pid_t pid;

	(void)state;
	covered = cover_mount(&pid);
	if (!pid) {
		uncover_mount(covered, pid);
		skip();
	}
	for (int i = 1; i < SILENT_MAX; i++)
		start_silent(i);
	/* The first one that is asked answers. */
	silent_sockets[1] = 0;
	find_silent(&namespaces, UINT32_MAX);
	uncover_mount(covered, pid);
	assert_true(namespaces.unseen[UNSEEN_MOUNTS]);
	snprintf(name, sizeof(name), "pid:%d", silent[2]);
	assert_string_equal(namespaces.example[UNSEEN_LATE], name);
	namespaces_release(&namespaces);
}

static void test_no_process(void **state)
{
	const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct namespaces namespaces;

	(void)state;
	no_process = true;
	find(&namespaces, UINT32_MAX);
	no_process = false;
	assert_true(namespaces.unseen[UNSEEN_LATE] > 0);
	assert_int_equal(namespaces.error[UNSEEN_LATE], EAGAIN);
	assert_int_not_equal(namespaces.error[UNSEEN_PROCESSES], EAGAIN);
	close(fd);
	namespaces_release(&namespaces);
}

static FILE *late;
static pid_t late_pid; /* 0 if it cannot be started */

static void start_late(void)
{
	char line[32] = "";

	late = popen("exec unshare --user --map-root-user --net "
		     "sh -c 'echo $$ && exec sleep 600 >/dev/null' 2>/dev/null",
		     "r");
	if (late && fgets(line, sizeof(line), late))
		late_pid = (pid_t)strtol(line, NULL, 10);
}

/* Whoever is in its namespace alone started when all processes had been listed. */
static void test_late_process(void **state)
{
	struct namespaces namespaces;
	struct stat status;
	char path[64];
	bool found;

	(void)state;
	clock_state.at_fifth = start_late;
	find(&namespaces, UINT32_MAX);
	clock_state.at_fifth = NULL;
	snprintf(path, sizeof(path), "/proc/%d/ns/net", late_pid);
	found = late_pid && !stat(path, &status) && namespaces_by_inode(&namespaces, status.st_ino);
	namespaces_release(&namespaces);
	if (late_pid)
		kill(late_pid, SIGKILL);
	if (late)
		pclose(late);
	if (!late_pid)
		skip();
	assert_true(found);
}

static void add(struct namespaces *namespaces, uint64_t inode, const char *name)
{
	next_inode = inode;
	assert_int_equal(namespaces_add(namespaces, open("/dev/null", O_RDONLY), name), 0);
	next_inode = 0;
}

/* A process that moves while this searches is found in several namespaces. */
static void test_names(void **state)
{
	struct namespaces namespaces;

	(void)state;
	memset(&namespaces, 0, sizeof(namespaces));
	add(&namespaces, 11, "pid:293");
	add(&namespaces, 12, "pid:293");
	add(&namespaces, 13, "pid:294");
	add(&namespaces, 14, "pid:293");
	assert_int_equal(namespaces.count, 4);
	assert_string_equal(namespaces.list[0].name, "pid:293\\...11");
	assert_string_equal(namespaces.list[1].name, "pid:293\\...12");
	assert_string_equal(namespaces.list[2].name, "pid:294");
	assert_string_equal(namespaces.list[3].name, "pid:293");
	assert_int_equal(namespaces_rename(&namespaces, &namespaces.list[3], "pid:293"), 0);
	assert_string_equal(namespaces.list[3].name, "pid:293");
	assert_int_equal(namespaces_rename(&namespaces, &namespaces.list[3], "pid:294"), 0);
	assert_string_equal(namespaces.list[2].name, "pid:294\\...13");
	namespaces_release(&namespaces);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_one_socket),
		cmocka_unit_test_teardown(test_silent_socket, end_silent),
		cmocka_unit_test_teardown(test_asked_again, end_silent),
		cmocka_unit_test_teardown(test_examiner_killed, end_silent),
		cmocka_unit_test_teardown(test_many_silent, end_silent),
		cmocka_unit_test_teardown(test_who_was_silent, end_silent),
		cmocka_unit_test_teardown(test_no_process, end_silent),
		cmocka_unit_test(test_late_process),
		cmocka_unit_test(test_names),
	};

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (shared == MAP_FAILED)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
