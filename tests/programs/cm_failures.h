/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* The paths of cm-failures, and what they do with the loop that walks them. */
#ifndef CM_FAILURES_H
#define CM_FAILURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct path {
	const char *name;
	void (*begin)(void);  /* makes what the call needs */
	int (*call)(void);    /* one system call; 0, or -1 and errno */
	void (*failed)(void); /* checks, after an error, that all is as before the call */
	void (*end)(void);    /* after a success: checks it, and takes everything away */
	/*
	 * The call uses up what it is made on, even when it fails, as rdma_accept() does, which
	 * then rejects the request. So "failed" takes everything away, too.
	 */
	bool once;
	int others[2]; /* the errors that it may return besides ENOMEM */
};

/*
 * An allocation failed in the call that succeeded, so that a message may be lost as on the wire.
 * Set while "end" runs.
 */
extern bool absorbed;

/* Says what is wrong, and that the path has failed. */
void expect(bool right, const char *what);
__attribute__((noreturn, format(printf, 1, 2))) void die(const char *format, ...);
/* Those whose names match the program's pattern. */
void walk(const struct path *paths, size_t number);

/* cm_failures_ids.c, cm_failures_connections.c and cm_failures_host.c */
void walk_ids(void);
void walk_connections(void);
void walk_host(void);
/* The allocations fail elsewhere: in tests/fail_in. */
void make_requests(unsigned long count);

/* A new id in a network namespace, on the file of the server or on that of the client. */
extern int server, client;
uint32_t new_id(int fd, const char *netns, unsigned int space);
void set_option(int fd, uint32_t id, uint32_t option, const void *value, size_t length);
struct sockaddr_storage address_of(const char *text, const char *port);
uint32_t ifindex_in(const char *netns, const char *netdev);

#endif
