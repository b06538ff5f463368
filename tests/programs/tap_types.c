// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Usage: tap-types COUNT [MILLISECONDS]
 *        tap-types hold COMMAND...
 *
 * What any user can do in a user namespace of its own: it makes COUNT TAP devices that claim to be
 * IPoIB's when their address changes, and Ethernet's when they go; with MILLISECONDS it does that
 * again and again, this far apart. Or it makes tap0, which claims to be IPoIB's while COMMAND runs.
 * Exit status: 0 or the command's, 1 failed, 2 usage.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST 400

static __attribute__((noreturn)) void die(const char *what)
{
	fprintf(stderr, "tap-types: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void claim(int fd, unsigned long type)
{
	if (ioctl(fd, TUNSETLINK, type))
		die("TUNSETLINK");
}

static int make_tap(struct ifreq *request)
{
	const int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);

	memset(request, 0, sizeof(*request));
	request->ifr_flags = IFF_TAP | IFF_NO_PI;
	if (fd < 0)
		die("/dev/net/tun");
	if (ioctl(fd, TUNSETIFF, request))
		die("TUNSETIFF");
	claim(fd, ARPHRD_INFINIBAND);
	return fd;
}

static int hold(char **command)
{
	struct ifreq request;
	const int fd = make_tap(&request);
	const pid_t pid = fork();
	int status;

	if (pid < 0)
		die("fork");
	if (!pid) {
		execvp(command[0], command);
		die(command[0]);
	}
	if (waitpid(pid, &status, 0) < 0)
		die("waitpid");
	close(fd);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

/* All at once: the next one may have the place in memory of one that has gone. */
static void pretend(int any, int count)
{
	int fds[MOST];

	for (int i = 0; i < count; i++) {
		struct ifreq request;

		fds[i] = make_tap(&request);
		request.ifr_hwaddr.sa_family = ARPHRD_INFINIBAND;
		/* The second to fourth byte would be the QPN. */
		memcpy(request.ifr_hwaddr.sa_data, "\x02\x00\x00\x00\x00\x01", 6);
		request.ifr_hwaddr.sa_data[2] = (char)(i >> 8);
		request.ifr_hwaddr.sa_data[3] = (char)i;
		if (ioctl(any, SIOCSIFHWADDR, &request))
			die("SIOCSIFHWADDR");
		claim(fds[i], ARPHRD_ETHER);
	}
	for (int i = 0; i < count; i++)
		close(fds[i]);
}

int main(int argc, char **argv)
{
	const int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int count, pause;

	if (argc > 2 && !strcmp(argv[1], "hold"))
		return hold(argv + 2);
	count = argc == 2 || argc == 3 ? atoi(argv[1]) : 0;
	pause = argc == 3 ? atoi(argv[2]) : 0;
	if (count <= 0 || count > MOST) {
		fputs("usage: tap-types COUNT [MILLISECONDS] | tap-types hold COMMAND...\n",
		      stderr);
		return 2;
	}
	if (any < 0)
		die("socket");
	do {
		pretend(any, count);
		usleep((useconds_t)pause * 1000);
	} while (pause);
	return 0;
}
