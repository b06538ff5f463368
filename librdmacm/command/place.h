/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Where an id lives: a network namespace, and what names mean in it. */
#ifndef RDMA_NS_PLACE_H
#define RDMA_NS_PLACE_H

#include "command.h"
#include "peer_options.h"

struct place {
	int netns_fd; /* -1: the caller's */
	uint32_t ifindex; /* 0: bound to no netdev */
	struct sockaddr_storage address; /* with the port */
};

/* Of @command's options; says what is wrong, and returns an exit status. */
int place_find(const char *command, const struct peer_options *options, struct place *place);
/* NULL, after it has said why. */
struct rdma_cm_id *place_create_id(const char *command, const struct peer_options *options,
				   const struct place *place, struct rdma_event_channel *channel);
/* Say that ENOTSUP came of this; STATUS_FAILED. */
int place_is_exclusive(const char *command, const struct peer_options *options);
void place_release(struct place *place);

#endif
