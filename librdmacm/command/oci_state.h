/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* The state of a container as an OCI runtime gives it to hooks. Annotations may be a tenant's. */
#ifndef RDMA_NS_OCI_STATE_H
#define RDMA_NS_OCI_STATE_H

#include "networks.h"

#define CONTAINER_KEY_MAX 128 /* of an ID that may be part of a file's name */

#define ANNOTATION_NETWORK "org.rdma-ns.network."
#define ANNOTATION_NETDEV "org.rdma-ns.netdev."

enum oci_stage {
	OCI_BEGIN, /* it has been created, and its own program does not run yet */
	OCI_RUNNING,
	OCI_END,
};

struct oci_state {
	struct json_object *object;
	const char *id;
	enum oci_stage stage;
	int pid; /* 0 at the end */
	struct json_object *annotations; /* or NULL */
};

/* Takes over the object. Release the state only if it has been parsed. */
int oci_state_parse(struct oci_state *state, struct json_object *object, struct problem *problem);
void oci_state_release(struct oci_state *state);

/* The text of an annotation whose key is PREFIX and NAME; "" without one. -1: it is no text. */
int oci_state_annotation(const struct oci_state *state, const char *prefix, const char *name,
			 const char **text, struct problem *problem);

#endif
