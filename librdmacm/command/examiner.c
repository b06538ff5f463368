// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/sockios.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "examiner.h"

/* Since Linux 6.9; EINVAL before. */
#ifndef PIDFD_THREAD
#define PIDFD_THREAD O_EXCL
#endif

/* An answer takes microseconds unless something is waited for. */
#define ANSWER_MS 2000

struct answer {
	int result, error;
};

union rights {
	struct cmsghdr header;
	char space[CMSG_SPACE(sizeof(int))];
};

static int open_task(const struct task_descriptor *socket)
{
	const int flags = socket->is_thread ? PIDFD_THREAD : 0;
	const int pidfd = (int)syscall(SYS_pidfd_open, socket->tid, flags);

	if (pidfd < 0 && socket->is_thread && errno == EINVAL)
		errno = EOPNOTSUPP;
	return pidfd;
}

/* The descriptor may have become any other file. getsockopt() does not call that. */
static int netns_of(int copy)
{
	socklen_t length = sizeof(int);
	int type;

	if (getsockopt(copy, SOL_SOCKET, SO_TYPE, &type, &length) && errno == ENOTSOCK)
		return -1;
	return ioctl(copy, SIOCGSKNS);
}

static int copy_and_ask(const struct task_descriptor *socket)
{
	const int pidfd = open_task(socket);
	int copy, netns = -1, error;

	if (pidfd < 0)
		return -1;
	copy = (int)syscall(SYS_pidfd_getfd, pidfd, socket->fd, 0);
	if (copy >= 0)
		netns = netns_of(copy);
	error = errno;
	close(pidfd);
	if (copy >= 0)
		close(copy);
	errno = error;
	return netns;
}

static ssize_t send_answer(int socket, struct answer *answer, int netns)
{
	union rights rights = { .header = { .cmsg_level = SOL_SOCKET,
					    .cmsg_type = SCM_RIGHTS,
					    .cmsg_len = CMSG_LEN(sizeof(int)) } };
	struct iovec part = { .iov_base = answer, .iov_len = sizeof(*answer) };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

	if (netns >= 0) {
		message.msg_control = &rights;
		message.msg_controllen = sizeof(rights);
		memcpy(CMSG_DATA(&rights.header), &netns, sizeof(netns));
	}
	return sendmsg(socket, &message, MSG_NOSIGNAL);
}

/* Only calls that are safe in a signal handler: the caller may have had threads. */
static void serve(int socket)
{
	struct task_descriptor question;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* While this waits, it keeps nothing open that others wait for, such as a pipe's end. */
	dup2(socket, 0);
	syscall(SYS_close_range, 1, UINT_MAX, 0);
	while (recv(0, &question, sizeof(question), 0) == (ssize_t)sizeof(question)) {
		const int netns = copy_and_ask(&question);
		struct answer answer = { .result = netns, .error = errno };

		if (send_answer(0, &answer, netns) < 0)
			break;
		if (netns >= 0)
			close(netns);
	}
	_exit(0);
}

static int start(struct examiner *examiner)
{
	int sockets[2], error;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets))
		return -1;
	examiner->pid = fork();
	error = errno;
	if (!examiner->pid)
		serve(sockets[1]);
	close(sockets[1]);
	examiner->socket = sockets[0];
	if (examiner->pid > 0)
		return 0;
	examiner->pid = 0;
	close(sockets[0]);
	errno = error;
	return -1;
}

void examiner_release(struct examiner *examiner)
{
	if (!examiner->pid)
		return;
	kill(examiner->pid, SIGKILL);
	close(examiner->socket);
	/* It may never end. Whoever adopts it when this process has ended reaps it. */
	waitpid(examiner->pid, NULL, WNOHANG);
	examiner->pid = 0;
}

static int receive(const struct examiner *examiner, struct answer *answer, int *netns)
{
	union rights rights = { .space = "" };
	struct iovec part = { .iov_base = answer, .iov_len = sizeof(*answer) };
	struct msghdr message = { .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = &rights,
				  .msg_controllen = sizeof(rights) };
	const struct cmsghdr *header;

	if (recvmsg(examiner->socket, &message, MSG_CMSG_CLOEXEC) != (ssize_t)sizeof(*answer))
		return -1;
	header = CMSG_FIRSTHDR(&message);
	if (header && header->cmsg_type == SCM_RIGHTS && header->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(netns, CMSG_DATA(header), sizeof(*netns));
	return 0;
}

static int ask(struct examiner *examiner, const struct task_descriptor *question,
	       struct answer *answer, int *netns)
{
	struct pollfd poll_fd = { .events = POLLIN };
	int ready = 1;

	if (!examiner->pid && start(examiner)) {
		errno = errno == EMFILE || errno == ENFILE ? errno : EAGAIN;
		return -1;
	}
	poll_fd.fd = examiner->socket;
	if (send(examiner->socket, question, sizeof(*question), MSG_NOSIGNAL) > 0) {
		do
			ready = poll(&poll_fd, 1, ANSWER_MS);
		while (ready < 0 && errno == EINTR);
		if (ready > 0 && !receive(examiner, answer, netns))
			return 0;
	}
	examiner_release(examiner);
	++*examiner->lost;
	errno = ready > 0 ? ECANCELED : EBUSY;
	return -1;
}

int examiner_netns(struct examiner *examiner, const struct task_descriptor *socket)
{
	struct answer answer;
	int netns = -1, result;

	errno = EBUSY;
	if (*examiner->lost >= EXAMINERS_LOST_MAX)
		return -1;
	result = ask(examiner, socket, &answer, &netns);
	/* The machine may have been busy, or short of memory. */
	if (result && (errno == EBUSY || errno == ECANCELED) &&
	    *examiner->lost < EXAMINERS_LOST_MAX)
		result = ask(examiner, socket, &answer, &netns);
	if (result)
		return -1;
	/* There is no room for it here. */
	errno = answer.result < 0 ? answer.error : EMFILE;
	return netns;
}
