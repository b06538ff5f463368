/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Find out why RDMA CM fails, where the state of the host tells more than the errno. */
#ifndef RDMA_NS_CAUSES_H
#define RDMA_NS_CAUSES_H

#include "netdev_state.h"
#include "place.h"

/* In what has no extended ib_ipoib beside the extended rdma_cm. */
extern const char cause_of_stock_ipoib[];

/*
 * Describe in @text what keeps packets to @place's address from leaving, or to one of its own from
 * arriving: @netdev is the one of the route or of the address, "HOW 'NAME'" says which, and @list
 * has the netdevs there that have RDMA devices. Returns a word for the cause, or NULL.
 */
const char *cause_of_netdev(struct rdma_ns_netdev *const *list, const struct netdev_state *netdev,
			    const struct place *place, const char *how, const char *sysfs,
			    char text[CAUSE_MAX]);
/* When a netdev goes down, its routes disappear, too: the same for those that had one. */
const char *cause_of_down(struct rdma_ns_netdev *const *list, const struct place *place,
			  char text[CAUSE_MAX]);

/* The netdev by which a packet to it would leave, or 0 and errno if there is no route. */
uint32_t route_to(int netns_fd, const struct sockaddr_storage *destination);

/* Is the other address in the subnet of this one? */
bool is_in_subnet(const struct rdma_ns_address *address, sa_family_t family, const uint8_t *other);

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
