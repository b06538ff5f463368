/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Find out why RDMA CM fails, where the state of the host tells more than the errno. */
#ifndef RDMA_NS_CAUSES_H
#define RDMA_NS_CAUSES_H

#include "command.h"

#define CAUSE_MAX 512

/* Say why /dev/infiniband/rdma_cm cannot be opened; @error is open(2)'s. Returns STATUS_FAILED. */
int tell_no_rdma_cm(const char *command, int error);

/*
 * Describe in @text a device file of an RDMA device that cannot be opened; false if there is none.
 */
bool cause_of_nodes(char text[CAUSE_MAX]);

/*
 * Describe in @text, with the remedy, what keeps the namespace of @netns_fd (-1: the caller's) from
 * connecting to @destination, by way of @ifindex if that is not 0. Returns false if no cause is
 * known.
 */
bool cause_of_no_path(int netns_fd, uint32_t ifindex, const struct sockaddr_storage *destination,
		      char text[CAUSE_MAX]);

/* The same for listening on @address, which includes what keeps requests from arriving there. */
bool cause_of_no_listener(int netns_fd, const struct sockaddr_storage *address,
			  char text[CAUSE_MAX]);

#endif
