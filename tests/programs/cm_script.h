/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* The endpoints of cm-script, and what its parts do with them. */
#ifndef CM_SCRIPT_H
#define CM_SCRIPT_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#include <rdma/rdma_cma.h>

/* A request that was lost is sent again after 4 s. */
#define TIMEOUT_MS 15000
/* A refused request has come back by then, and still waits for an answer of its neighbour. */
#define GIVE_UP_MS 600
#define ENDPOINTS 64

struct endpoint {
	char name[32]; /* "": none */
	char netns[32];
	bool is_tcp;
	bool connects;
	bool receives; /* an ingress record with each request */
	struct rdma_event_channel *channel;
	struct rdma_cm_id *id;
	int socket;
};

extern struct endpoint endpoints[ENDPOINTS];

/* Print "ok", or the name of errno. */
void result(int status);

struct endpoint *endpoint_find(const char *name);
/* Its id or socket, in @netns. -1 and errno. */
int endpoint_open(struct endpoint *endpoint, const char *kind, const char *netns,
		  sa_family_t family);
int endpoint_bind_netdev(struct endpoint *endpoint, const char *netdev);
void endpoint_close(struct endpoint *endpoint);

/* The passive side. */
int request_want_record(struct endpoint *endpoint);
void request_print_record(void);
void request_answer(const struct endpoint *endpoint);
void request_reject(void);
/*
 * The channels of the listeners, behind the @number that are in the arrays already; how many that
 * makes.
 */
nfds_t request_channels(struct pollfd *ready, struct endpoint **owners, nfds_t number);

/* The active side: the commands "connect", "give-up" and "refuse-own". */
void connect_once(char **words);

#endif
