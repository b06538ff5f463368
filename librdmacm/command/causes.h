/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Find out why RDMA CM fails, where the state of the host tells more than the errno. */
#ifndef RDMA_NS_CAUSES_H
#define RDMA_NS_CAUSES_H

#include "command.h"
#include "place.h"

#define CAUSE_MAX 512

/* Say why /dev/infiniband/rdma_cm cannot be opened; @error is open(2)'s. Returns STATUS_FAILED. */
int tell_no_rdma_cm(const char *command, int error);

/*
 * Describe in @text a device file of an RDMA device that cannot be opened; false if there is none.
 */
bool cause_of_nodes(char text[CAUSE_MAX]);

/*
 * Describe in @text, with the remedy, what keeps ids at @place from connecting to its address, by
 * way of its netdev if there is one. Returns false if no cause is known.
 */
bool cause_of_no_path(const struct place *place, char text[CAUSE_MAX]);

/*
 * The same for listening there on @address, which includes what keeps requests from arriving.
 */
bool cause_of_no_listener(const struct place *place, const struct sockaddr_storage *address,
			  char text[CAUSE_MAX]);

#endif
