// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Usage: cm-failures COUNT ids|connections|host [PATTERN]
 *        cm-failures COUNT requests
 *
 * System calls in which an allocation fails: the first in it, the second and so on until a call
 * has fewer, and all again with new objects until COUNT allocations have failed on each path. Then
 * the call has returned the right error and changed nothing, so that the same call succeeds
 * afterwards, or it has succeeded. Prints a check for each path whose name matches PATTERN, an
 * extended regular expression. It needs the containers red and client of tests/kernel/failures.sh
 * and a kernel with /proc/self/fail-nth, or tests/fail_in.
 *
 * "requests" makes COUNT requests of each kind while tests/fail_in lets allocations fail where they
 * are handled, and prints what became of them.
 *
 * Exit status: 0 all passed, 1 something failed, 2 usage.
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <regex.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <rdma/rdma_user_cm_ns.h>

#include "cm_failures.h"
#include "netns.h"
#include "parse.h"
#include "ucm.h"

#define ERRNOS 256

int server, client;
bool absorbed;

static int fail_nth;
static unsigned long wanted;
static regex_t pattern;
static bool right, all_right = true;
static const struct path *current;
static unsigned int nth;

void die(const char *format, ...)
{
	va_list arguments;

	fprintf(stderr, "cm-failures: %s, failure %u: ", current ? current->name : "-", nth);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fprintf(stderr, " (%s)\n", strerror(errno));
	exit(1);
}

void expect(bool is_right, const char *what)
{
	if (is_right)
		return;
	right = false;
	printf("# %s, failure %u: %s (%s)\n", current->name, nth, what, strerror(errno));
}

uint32_t new_id(int fd, const char *netns, unsigned int space)
{
	uint32_t id;

	netns_enter(netns);
	if (ucm_create(fd, space, &id))
		die("create");
	netns_enter("host");
	return id;
}

void set_option(int fd, uint32_t id, uint32_t option, const void *value, size_t length)
{
	if (ucm_set_option(fd, id, RDMA_OPTION_NS, option, value, length))
		die("option %u", option);
}

struct sockaddr_storage address_of(const char *text, const char *port)
{
	struct sockaddr_storage address;

	parse_address(text, port, &address);
	return address;
}

uint32_t ifindex_in(const char *netns, const char *netdev)
{
	uint32_t ifindex;

	netns_enter(netns);
	ifindex = if_nametoindex(netdev);
	netns_enter("host");
	return ifindex;
}

static void arm(unsigned int number)
{
	char text[16];
	int length = snprintf(text, sizeof(text), "%u", number);

	if (pwrite(fail_nth, text, (size_t)length, 0) != length)
		die("fail-nth");
}

/* Has it failed? */
static bool disarm(void)
{
	char text[16] = "";

	if (pread(fail_nth, text, sizeof(text) - 1, 0) <= 0)
		die("fail-nth");
	arm(0);
	return !atoi(text);
}

static void print_path(unsigned long failures, const unsigned long errors[ERRNOS])
{
	if (!failures && right) {
		printf("skip - %s (nothing is allocated in it)\n", current->name);
		return;
	}
	printf("%s - %s: %lu allocations failed:", right ? "ok" : "not ok", current->name,
	       failures);
	for (int i = 1; i < ERRNOS; i++) {
		if (errors[i])
			printf(" %lu %s,", errors[i], strerrorname_np(i));
	}
	printf(" %lu made no difference\n", errors[0]);
	fflush(stdout);
}

/* One round: false after a call in which nothing failed. */
static bool call_once(unsigned long errors[ERRNOS])
{
	int status, error;
	bool fails;

	arm(++nth);
	status = current->call();
	error = errno;
	fails = disarm();
	errno = error;
	if (!fails) {
		expect(!status, "the call failed although all memory was there");
		return false;
	}
	if (!status) {
		errors[0]++;
		absorbed = true;
		current->end();
		absorbed = false;
		current->begin();
		return true;
	}
	errors[error < ERRNOS ? error : ERRNOS - 1]++;
	expect(error == ENOMEM || error == current->others[0] || error == current->others[1],
	       "the wrong error");
	errno = error;
	if (current->failed)
		current->failed();
	if (current->once)
		current->begin();
	return true;
}

static void walk_path(void)
{
	unsigned long errors[ERRNOS] = { 0 }, failures = 0, before;

	right = true;
	do {
		before = failures;
		nth = 0;
		current->begin();
		while (call_once(errors))
			failures++;
		current->end();
	} while (right && failures > before && failures < wanted);
	print_path(failures, errors);
	all_right &= right;
}

void walk(const struct path *paths, size_t number)
{
	for (current = paths; current < paths + number; current++) {
		if (!regexec(&pattern, current->name, 0, NULL, 0))
			walk_path();
	}
}

static __attribute__((noreturn)) void usage(void)
{
	fputs("cm-failures: usage: COUNT ids|connections|host [PATTERN], or COUNT requests\n",
	      stderr);
	exit(2);
}

static void walk_part(const char *part, const char *rest)
{
	if (regcomp(&pattern, rest, REG_EXTENDED | REG_NOSUB))
		usage();
	server = ucm_open();
	client = ucm_open();
	if (!strcmp(part, "ids"))
		walk_ids();
	else if (!strcmp(part, "connections"))
		walk_connections();
	else if (!strcmp(part, "host"))
		walk_host();
	else if (!strcmp(part, "requests"))
		make_requests(wanted);
	else
		usage();
}

int main(int argc, char **argv)
{
	const char *rest = argc > 3 ? argv[3] : "";
	char *end;

	if (argc < 3 || argc > 4)
		usage();
	wanted = strtoul(argv[1], &end, 10);
	if (!*argv[1] || *end)
		usage();
	fail_nth = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	if (fail_nth < 0)
		fail_nth = open("/sys/kernel/debug/fail_in/fail-nth", O_RDWR | O_CLOEXEC);
	if (fail_nth < 0)
		die("no fail-nth");
	/* Memory of this program must not be what fails. */
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		die("mlockall");
	setvbuf(stdout, NULL, _IOLBF, 0);
	walk_part(argv[2], rest);
	return !all_right;
}
