/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* What a CNI plugin is given: its configuration in JSON, and variables of its environment. */
#ifndef RDMA_NS_CNI_CONFIG_H
#define RDMA_NS_CNI_CONFIG_H

#include "netdev_route.h"
#include "networks.h"

#define CNI_VERSIONS { "0.3.0", "0.3.1", "0.4.0", "1.0.0", NULL }
#define CNI_VERSION "1.0.0" /* for answers to those that did not say theirs */

struct cni_config {
	struct json_object *object;
	const char *version; /* one of CNI_VERSIONS */
	struct network network; /* its name is the configuration's */
	bool check_only; /* a plugin before this one in the chain has given the netdev */
	struct json_object *previous; /* result, or NULL */
	const char *ipam; /* the plugin that gives addresses, or "" */
	struct json_object *dns; /* what the result shall say of it, or NULL */
	bool refuse_unseen;
};

/*
 * Takes over the object. If this fails, the version is set as far as it is known. Release it in any
 * case.
 */
int cni_config_parse(struct cni_config *config, struct json_object *object,
		     struct problem *problem);
void cni_config_release(struct cni_config *config);

/*
 * The addresses that the runtime asks for, as in "runtimeConfig": { "ips": [ "10.0.0.5/24" ] } or
 * in "args": { "cni": { "ips": ... } }. Returns their number, -1 and the problem if the network
 * does not allow one.
 */
int cni_config_addresses(const struct cni_config *config, struct rdma_ns_address *list, int room,
			 struct problem *problem);

/*
 * The addresses in a result of a plugin. @netdev: only those of an interface with this name; NULL:
 * all. Returns their number, -1 and the problem if the result is none.
 */
int cni_result_addresses(struct json_object *result, const char *netdev,
			 struct rdma_ns_address *list, int room, struct problem *problem);
/* Does the result give the netdev this address, or does it not say to which one? */
bool cni_result_may_give(struct json_object *result, const char *netdev,
			 const struct rdma_ns_address *address);
/*
 * The routes in a result of a plugin. One that names no gateway has that of the first address of
 * its family that has one. Returns their number, -1 and the problem if the result is none.
 */
int cni_result_routes(struct json_object *result, struct netdev_route *list, int room,
		      struct problem *problem);
/* Has the result an interface with this name in a container? */
bool cni_result_has_netdev(struct json_object *result, const char *netdev);

#endif
