/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Why RDMA CM cannot do what was asked of it, where its errno tells less than the host does. */
#ifndef RDMA_NS_CAUSES_H
#define RDMA_NS_CAUSES_H

#include "command.h"

#define CAUSE_MAX 512

/* Say why /dev/infiniband/rdma_cm cannot be opened, given open(2)'s @error; STATUS_FAILED. */
int tell_no_rdma_cm(const char *command, int error);

/* A device file of an RDMA device that cannot be opened; false: there is none. @text says it. */
bool cause_of_nodes(char text[CAUSE_MAX]);

/*
 * What keeps the namespace of @netns_fd (-1: the caller's) from connecting to @destination, by way
 * of @ifindex if that is not 0; false if nothing is known. @text says it, and the remedy.
 */
bool cause_of_no_path(int netns_fd, uint32_t ifindex, const struct sockaddr_storage *destination,
		      char text[CAUSE_MAX]);

/* What keeps it from listening on @address; also what keeps requests from arriving there. */
bool cause_of_no_listener(int netns_fd, const struct sockaddr_storage *address,
			  char text[CAUSE_MAX]);

#endif
