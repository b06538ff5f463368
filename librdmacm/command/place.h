/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Where an id lives: its network namespace, what names mean there, and its event channel. */
#ifndef RDMA_NS_PLACE_H
#define RDMA_NS_PLACE_H

#include "command.h"
#include "peer_options.h"

#define ENTER_COMMAND_MAX 256
#define IP_COMMAND_MAX (ENTER_COMMAND_MAX + 2)

struct place {
	int netns_fd; /* -1: the caller's */
	char ip[IP_COMMAND_MAX]; /* the command that is ip there, for a remedy */
	char enter[ENTER_COMMAND_MAX]; /* in front of any other command there: "nsenter ... ", "" */
	uint32_t ifindex; /* 0: bound to no netdev */
	struct sockaddr_storage address; /* with the port */
	struct rdma_event_channel *channel;
};

/*
 * Find it as @command's options say. On failure, an error message says why. Returns an exit status,
 * and needs place_close() in any case.
 */
int place_find(const char *command, const struct peer_options *options, struct place *place);
/*
 * Open it as @command's options say, with an id in it. On failure, an error message says why.
 * Returns an exit status.
 */
int place_open(const char *command, const struct peer_options *options, struct place *place,
	       struct rdma_cm_id **id);
/* Create one more id there. On failure, an error message says why, and NULL is returned. */
struct rdma_cm_id *place_new_id(const char *command, const struct peer_options *options,
				const struct place *place);
/*
 * Get the RDMA device and port that have the address now; false if there is none, or for a
 * wildcard.
 */
bool place_device(const struct place *place, char device[RDMA_NS_DEVICE_NAME_MAX], uint32_t *port);
/* Call this when all of its ids have been destroyed. */
void place_close(struct place *place);
/* Say that exclusive mode is the reason for ENOTSUP; returns STATUS_FAILED. */
int place_is_exclusive(const char *command, const struct peer_options *options);

#endif
