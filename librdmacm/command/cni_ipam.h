/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Run another CNI plugin, which gives addresses. */
#ifndef RDMA_NS_CNI_IPAM_H
#define RDMA_NS_CNI_IPAM_H

#include <json-c/json.h>

#include "problem.h"

/*
 * The plugin is found in the folders of $CNI_PATH, and gets the same configuration and environment,
 * but the command. *result is an object to release, or NULL after DEL and CHECK.
 */
int cni_ipam_run(const char *type, const char *command, struct json_object *config,
		 struct json_object **result, struct problem *problem);

#endif
