/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Where an id lives: a network namespace, and what names mean in it; and its event channel. */
#ifndef RDMA_NS_PLACE_H
#define RDMA_NS_PLACE_H

#include "command.h"
#include "peer_options.h"

struct place {
	int netns_fd; /* -1: the caller's */
	uint32_t ifindex; /* 0: bound to no netdev */
	struct sockaddr_storage address; /* with the port */
	struct rdma_event_channel *channel;
};

/*
 * Open it as @command's options say, with an id in it; says what is wrong, and returns an exit
 * status.
 */
int place_open(const char *command, const struct peer_options *options, struct place *place,
	       struct rdma_cm_id **id);
/* One more id there; NULL: says why. */
struct rdma_cm_id *place_new_id(const char *command, const struct peer_options *options,
				const struct place *place);
/* The RDMA device and port that have the address now; false: none, or it is a wildcard. */
bool place_device(const struct place *place, char device[RDMA_NS_DEVICE_NAME_MAX], uint32_t *port);
/* When all of its ids have gone. */
void place_close(struct place *place);
/* Say that ENOTSUP came of this; STATUS_FAILED. */
int place_is_exclusive(const char *command, const struct peer_options *options);

#endif
