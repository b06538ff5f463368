// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Usage: cm-lifetimes MODULES CLIENT-NETNS NETDEV SEED ROUNDS MINUTES KIND...
 *
 * From CLIENT-NETNS by its NETDEV requests go to 10.0.0.5, a child of ib0 in a network namespace
 * made here, all the time; in the middle of them something ends and is made anew, ROUNDS times each
 * KIND in an order that SEED decides, for MINUTES at most:
 *
 *   kill_client, kill_server   by SIGKILL
 *   netdev                     the child is deleted
 *   netns                      the namespace goes with its last process; its child goes to the host
 *   modules                    both programs are killed, rdma_ucm and rdma_cm exchanged for MODULES
 *
 * At the end 8 requests are answered. Exit status: 0, 1 something failed, 2 usage.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <net/if.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "flood.h"
#include "netns.h"

#define PORT 7500
#define WIDTH 16
#define CHILD "ib0.red"
#define PARENT "ib0"
#define ADDRESS "10.0.0.5"
#define LLADDR_LENGTH 20
#define WAIT_MS 15000

#ifndef IFF_LOWER_UP
#define IFF_LOWER_UP 0x10000
#endif

struct netdev {
	int index;
	unsigned int flags;
	unsigned char lladdr[LLADDR_LENGTH];
};

static const char *modules, *client_netns, *client_netdev;
static int home, red = -1;
static struct nl_sock *at_home, *in_red, *in_client;
static pid_t server = -1, client = -1;
static atomic_ulong *requests;

static __attribute__((noreturn, format(printf, 1, 2))) void die(const char *format, ...)
{
	va_list arguments;

	fprintf(stderr, "cm-lifetimes: ");
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	exit(1);
}

static void nap(long microseconds)
{
	const struct timespec time = { .tv_nsec = microseconds * 1000 };

	nanosleep(&time, NULL);
}

static void go(int netns)
{
	if (setns(netns, CLONE_NEWNET))
		die("setns: %s", strerror(errno));
}

static struct nl_sock *open_socket(int netns)
{
	struct nl_sock *socket = nl_socket_alloc();

	go(netns);
	if (!socket || nl_connect(socket, NETLINK_ROUTE))
		die("no netlink socket");
	go(home);
	return socket;
}

static struct nl_msg *message(int type, int flags, void *header, size_t size)
{
	struct nl_msg *message = nlmsg_alloc_simple(type, flags);

	if (!message || nlmsg_append(message, header, size, NLMSG_ALIGNTO))
		die("no memory");
	return message;
}

static void put(struct nl_msg *message, int type, const void *data, size_t length)
{
	if (nla_put(message, type, (int)length, data))
		die("no memory");
}

static int take_netdev(struct nl_msg *message, void *data)
{
	struct nlmsghdr *header = nlmsg_hdr(message);
	struct ifinfomsg *info = nlmsg_data(header);
	struct netdev *netdev = data;
	struct nlattr *address;

	netdev->index = info->ifi_index;
	netdev->flags = info->ifi_flags;
	address = nlmsg_find_attr(header, sizeof(*info), IFLA_ADDRESS);
	if (address && nla_len(address) == LLADDR_LENGTH)
		memcpy(netdev->lladdr, nla_data(address), LLADDR_LENGTH);
	return NL_OK;
}

static int find(struct nl_sock *socket, const char *name, struct netdev *netdev)
{
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC };
	struct nl_msg *request = message(RTM_GETLINK, 0, &info, sizeof(info));
	int error;

	memset(netdev, 0, sizeof(*netdev));
	put(request, IFLA_IFNAME, name, strlen(name) + 1);
	nl_socket_modify_cb(socket, NL_CB_VALID, NL_CB_CUSTOM, take_netdev, netdev);
	/* Only one message is read at a time: the netdev, then the acknowledgement. */
	error = nl_send_sync(socket, request);
	return error < 0 ? error : nl_wait_for_ack(socket);
}

static void tell(const char *what, struct nl_sock *socket, struct nl_msg *request)
{
	int error = nl_send_sync(socket, request);

	if (error < 0)
		die("%s: %s", what, nl_geterror(error));
}

static void aim(const struct netdev *child)
{
	struct ndmsg neighbour = { .ndm_family = AF_INET, .ndm_state = NUD_PERMANENT };
	struct in_addr address;
	struct nl_msg *request;
	struct netdev from;

	if (find(in_client, client_netdev, &from) < 0)
		die("no netdev %s in %s", client_netdev, client_netns);
	neighbour.ndm_ifindex = from.index;
	request =
		message(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, &neighbour, sizeof(neighbour));
	inet_pton(AF_INET, ADDRESS, &address);
	put(request, NDA_DST, &address, sizeof(address));
	put(request, NDA_LLADDR, child->lladdr, LLADDR_LENGTH);
	tell("neighbour", in_client, request);
}

static void make_child(void)
{
	struct ifinfomsg info = { .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
	struct ifaddrmsg where = { .ifa_family = AF_INET, .ifa_prefixlen = 24 };
	struct nlattr *link, *data;
	struct in_addr address;
	struct nl_msg *request;
	struct netdev netdev;
	int waited;

	if (find(at_home, PARENT, &netdev) < 0)
		die("no netdev " PARENT);
	request = message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &info, sizeof(info));
	nla_put_u32(request, IFLA_LINK, (uint32_t)netdev.index);
	nla_put_string(request, IFLA_IFNAME, CHILD);
	nla_put_u32(request, IFLA_NET_NS_FD, (uint32_t)red);
	link = nla_nest_start(request, IFLA_LINKINFO);
	nla_put_string(request, IFLA_INFO_KIND, "ipoib");
	data = nla_nest_start(request, IFLA_INFO_DATA);
	nla_put_u16(request, IFLA_IPOIB_PKEY, 0xffff);
	nla_nest_end(request, data);
	nla_nest_end(request, link);
	tell("new child", at_home, request);

	for (waited = 0;; waited += 5) {
		if (find(in_red, CHILD, &netdev) < 0)
			die("the child is not in its namespace");
		if (netdev.flags & IFF_LOWER_UP)
			break;
		if (waited > WAIT_MS)
			die("the child has no carrier");
		nap(5000);
	}
	where.ifa_index = (unsigned int)netdev.index;
	request = message(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &where, sizeof(where));
	inet_pton(AF_INET, ADDRESS, &address);
	put(request, IFA_LOCAL, &address, sizeof(address));
	put(request, IFA_ADDRESS, &address, sizeof(address));
	tell("address", in_red, request);
	aim(&netdev);
}

static int delete_child(struct nl_sock *socket)
{
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC };
	struct nl_msg *request = message(RTM_DELLINK, 0, &info, sizeof(info));

	put(request, IFLA_IFNAME, CHILD, sizeof(CHILD));
	return nl_send_sync(socket, request);
}

static void make_red(void)
{
	struct ifinfomsg lo = { .ifi_index = 1, .ifi_flags = IFF_UP, .ifi_change = IFF_UP };

	if (unshare(CLONE_NEWNET))
		die("unshare: %s", strerror(errno));
	red = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (red < 0)
		die("/proc/thread-self/ns/net: %s", strerror(errno));
	in_red = open_socket(red);
	tell("lo", in_red, message(RTM_NEWLINK, 0, &lo, sizeof(lo)));
	make_child();
}

/* 0 in the child, in @netns, its standard output being @output. */
static pid_t begin(int netns, int output)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork: %s", strerror(errno));
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	go(netns);
	/* They would keep the namespace. */
	close(red);
	nl_socket_free(in_red);
	dup2(output, STDOUT_FILENO);
	return 0;
}

static void begin_server(void)
{
	char word[16];
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		die("pipe: %s", strerror(errno));
	server = begin(red, ends[1]);
	if (!server) {
		flood_serve("red", PORT, requests);
		exit(0);
	}
	close(ends[1]);
	if (read(ends[0], word, sizeof(word)) <= 0)
		die("the server did not start");
	close(ends[0]);
}

static void begin_client(void)
{
	int nothing = open("/dev/null", O_WRONLY | O_CLOEXEC), netns = netns_open(client_netns);

	client = begin(netns, nothing);
	if (!client) {
		flood_connect(1000000000, WIDTH, ADDRESS, PORT);
		exit(0);
	}
	close(netns);
	close(nothing);
}

static void end(pid_t *pid)
{
	int status;

	if (*pid < 0)
		return;
	kill(*pid, SIGKILL);
	waitpid(*pid, &status, 0);
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
		die("the %s had ended with status %#x", pid == &server ? "server" : "client",
		    status);
	*pid = -1;
}

/* Requests come in, and a little later is now. */
static void run(void)
{
	unsigned long before = atomic_load(requests);

	if (server < 0)
		begin_server();
	if (client < 0)
		begin_client();
	for (int waited = 0; atomic_load(requests) < before + WIDTH; waited += 2) {
		if (waited > WAIT_MS)
			die("no requests come in");
		nap(2000);
	}
	nap(random() % 30000);
}

static void kill_client(void)
{
	end(&client);
}

static void kill_server(void)
{
	end(&server);
}

static void netdev(void)
{
	int error = delete_child(in_red);

	if (error < 0)
		die("the child cannot be deleted: %s", nl_geterror(error));
	nap(random() % 30000);
	make_child();
}

static void netns(void)
{
	end(&server);
	nl_socket_free(in_red);
	close(red);
	for (int waited = 0; delete_child(at_home) < 0; waited += 5) {
		if (waited > WAIT_MS)
			die("the child does not come back to the host's namespace");
		nap(5000);
	}
	make_red();
}

static void unload(const char *name)
{
	for (int waited = 0; syscall(SYS_delete_module, name, O_NONBLOCK); waited += 5) {
		if (errno != EAGAIN || waited > WAIT_MS)
			die("%s cannot be unloaded: %s", name, strerror(errno));
		nap(5000);
	}
}

static void load(const char *name)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/%s.ko", modules, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || syscall(SYS_finit_module, fd, "", 0))
		die("%s: %s", path, strerror(errno));
	close(fd);
}

static void exchange_modules(void)
{
	end(&client);
	end(&server);
	unload("rdma_ucm");
	unload("rdma_cm");
	load("rdma_cm");
	load("rdma_ucm");
}

static struct kind {
	const char *name;
	void (*happen)(void);
	unsigned int wanted, rounds;
} kinds[] = {
	{ "kill_client", kill_client, 0, 0 },
	{ "kill_server", kill_server, 0, 0 },
	{ "netdev", netdev, 0, 0 },
	{ "netns", netns, 0, 0 },
	{ "modules", exchange_modules, 0, 0 },
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static unsigned long number(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (!*text || *end || value > INT_MAX) {
		fprintf(stderr, "cm-lifetimes: '%s' is no number\n", text);
		exit(2);
	}
	return value;
}

static void want(const char *name, unsigned int rounds)
{
	for (struct kind *kind = kinds; kind < kinds + KINDS; kind++) {
		if (!strcmp(kind->name, name)) {
			kind->wanted = rounds;
			return;
		}
	}
	fprintf(stderr, "cm-lifetimes: there is no kind '%s'\n", name);
	exit(2);
}

/* Any of those that have rounds left, each as likely as it has rounds. */
static struct kind *choose(void)
{
	unsigned long left = 0, chosen;

	for (size_t i = 0; i < KINDS; i++)
		left += kinds[i].wanted - kinds[i].rounds;
	if (!left)
		return NULL;
	chosen = (unsigned long)random() % left;
	for (size_t i = 0;; i++) {
		left = kinds[i].wanted - kinds[i].rounds;
		if (chosen < left)
			return &kinds[i];
		chosen -= left;
	}
}

static void check_answers(void)
{
	int netns = netns_open(client_netns), ends[2];
	char answers[80] = "";
	ssize_t length;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		die("pipe: %s", strerror(errno));
	if (server < 0)
		begin_server();
	pid = begin(netns, ends[1]);
	if (!pid) {
		flood_connect(8, 4, ADDRESS, PORT);
		exit(0);
	}
	close(ends[1]);
	waitpid(pid, NULL, 0);
	length = read(ends[0], answers, sizeof(answers) - 1);
	if (length < 0 || strcmp(answers, "8 answered by red\n"))
		die("afterwards: %s", answers);
}

int main(int argc, char **argv)
{
	struct kind *kind;
	time_t last;
	int in;

	if (argc < 8) {
		fprintf(stderr,
			"usage: cm-lifetimes MODULES CLIENT-NETNS NETDEV SEED ROUNDS MINUTES KIND...\n");
		return 2;
	}
	modules = argv[1];
	client_netns = argv[2];
	client_netdev = argv[3];
	srandom((unsigned int)number(argv[4]));
	for (int i = 7; i < argc; i++)
		want(argv[i], (unsigned int)number(argv[5]));
	last = time(NULL) + 60 * (time_t)number(argv[6]);
	requests = mmap(NULL, sizeof(*requests), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			-1, 0);
	home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (requests == MAP_FAILED || home < 0)
		die("%s", strerror(errno));
	at_home = open_socket(home);
	in = netns_open(client_netns);
	in_client = open_socket(in);
	close(in);
	make_red();
	while (time(NULL) < last && (kind = choose())) {
		run();
		kind->happen();
		kind->rounds++;
	}
	end(&client);
	check_answers();
	end(&server);
	delete_child(in_red);
	for (kind = kinds; kind < kinds + KINDS; kind++) {
		if (kind->wanted)
			printf("%s: %u rounds\n", kind->name, kind->rounds);
	}
	printf("%lu requests\n", atomic_load(requests));
	return 0;
}
