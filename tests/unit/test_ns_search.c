// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * The search for network namespaces on this machine: it ends in time wherever the time runs out,
 * and asks a socket once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <linux/sockios.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "namespaces.h"

#define COPIES 100

int __wrap_clock_gettime(clockid_t clock, struct timespec *now);
int __real_ioctl(int fd, unsigned long request);
int __wrap_ioctl(int fd, unsigned long request, ...);

/* A clock that stands until it has been read so often, and then is a long time further. */
static struct {
	unsigned int reads, ends_after;
} clock_state;

int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
	(void)clock;
	*now = (struct timespec){ .tv_sec = 1000 };
	if (++clock_state.reads > clock_state.ends_after)
		now->tv_sec += SEARCH_SECONDS;
	return 0;
}

static ino_t asked_socket;
static unsigned int asked;

/* In the place of SIOCGSKNS, which only root may use. */
int __wrap_ioctl(int fd, unsigned long request, ...)
{
	struct stat status;

	if (request != SIOCGSKNS)
		return __real_ioctl(fd, request);
	assert_int_equal(fstat(fd, &status), 0);
	if (status.st_ino == asked_socket)
		asked++;
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

static void test_one_socket(void **state)
{
	struct namespaces namespaces;
	int fds[COPIES];
	struct stat status;

	(void)state;
	fds[0] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(fstat(fds[0], &status), 0);
	for (int i = 1; i < COPIES; i++)
		fds[i] = dup(fds[0]);
	asked_socket = status.st_ino;
	asked = 0;
	if (syscall(SYS_kcmp, getpid(), getpid(), KCMP_FILE, fds[0], fds[1]))
		skip();
	find(&namespaces, UINT32_MAX);
	assert_int_equal(asked, 1);
	namespaces_release(&namespaces);
	for (int i = 0; i < COPIES; i++)
		close(fds[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_one_socket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
