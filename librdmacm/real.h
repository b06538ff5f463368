/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * librdmacm's own functions, never those of a library that precedes it, such as our preload
 * library.
 */
#ifndef RDMA_NS_REAL_H
#define RDMA_NS_REAL_H

#include <stdbool.h>

#include <rdma/rdma_cma.h>

struct real {
	int (*create_id)(struct rdma_event_channel *, struct rdma_cm_id **, void *,
			 enum rdma_port_space);
	int (*destroy_id)(struct rdma_cm_id *);
	struct rdma_event_channel *(*create_event_channel)(void);
	void (*destroy_event_channel)(struct rdma_event_channel *);
	int (*resolve_route)(struct rdma_cm_id *, int);
	int (*bind_addr)(struct rdma_cm_id *, struct sockaddr *);
	int (*resolve_addr)(struct rdma_cm_id *, struct sockaddr *, struct sockaddr *, int);
	int (*listen)(struct rdma_cm_id *, int);
	int (*connect)(struct rdma_cm_id *, struct rdma_conn_param *);
	int (*accept)(struct rdma_cm_id *, struct rdma_conn_param *);
	int (*reject)(struct rdma_cm_id *, const void *, uint8_t);
	int (*disconnect)(struct rdma_cm_id *);
	int (*get_cm_event)(struct rdma_event_channel *, struct rdma_cm_event **);
	int (*ack_cm_event)(struct rdma_cm_event *);
	int (*migrate_id)(struct rdma_cm_id *, struct rdma_event_channel *);
	int (*create_ep)(struct rdma_cm_id **, struct rdma_addrinfo *, struct ibv_pd *,
			 struct ibv_qp_init_attr *);
	void (*destroy_ep)(struct rdma_cm_id *);
	int (*get_request)(struct rdma_cm_id *, struct rdma_cm_id **);
	void (*destroy_qp)(struct rdma_cm_id *);
	int (*set_option)(struct rdma_cm_id *, int, int, void *, size_t);
	/* Of rsockets; NULL: there are none. */
	int (*rlisten)(int, int);
	int (*rconnect)(int, const struct sockaddr *, socklen_t);
};

/* Returns NULL and sets errno to ENOSYS if there is no usable librdmacm.so.1. */
const struct real *real_librdmacm(void);

/*
 * Do librdmacm's calls of its own functions come to a library that precedes it? Not if it was
 * linked with -Bsymbolic-functions, as some distributions link all libraries.
 */
bool real_is_interposable(void);

#endif
