/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * Commands at /dev/infiniband/rdma_cm, each of which is one system call: librdmacm makes several of
 * them for most of its functions. They return 0, or -1 and errno.
 */
#ifndef UCM_H
#define UCM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct rdma_ucm_event_resp; /* rdma/rdma_user_cm.h */

/* Kinds of events. The header that has their names cannot be included beside the commands'. */
enum {
	UCM_ADDR_RESOLVED = 0,
	UCM_ROUTE_RESOLVED = 2,
	UCM_CONNECT_REQUEST = 4,
	UCM_CONNECT_RESPONSE = 5,
	UCM_REJECTED = 8,
	UCM_ESTABLISHED = 9,
	UCM_DISCONNECTED = 10,
};

/* Ends the program if there is none. */
int ucm_open(void);
int ucm_create(int fd, unsigned int space, uint32_t *id);
int ucm_destroy(int fd, uint32_t id);
int ucm_set_option(int fd, uint32_t id, uint32_t level, uint32_t option, const void *value,
		   size_t length);
int ucm_bind(int fd, uint32_t id, const struct sockaddr_storage *address);
int ucm_listen(int fd, uint32_t id);
int ucm_resolve_addr(int fd, uint32_t id, const struct sockaddr_storage *address,
		     uint32_t milliseconds);
int ucm_resolve_route(int fd, uint32_t id, uint32_t milliseconds);
int ucm_query(int fd, uint32_t id, uint32_t option, void *response, size_t size);
int ucm_init_qp_attr(int fd, uint32_t id);
/* @serial is the beginning of the private data. */
int ucm_connect(int fd, uint32_t id, uint32_t qpn, uint32_t serial);
int ucm_accept(int fd, uint32_t id, uint32_t qpn);
/* The client's QP is ready. */
int ucm_establish(int fd, uint32_t id);
int ucm_reject(int fd, uint32_t id);
int ucm_disconnect(int fd, uint32_t id);
/* @id of the file @from belongs to @fd afterwards. */
int ucm_migrate(int fd, uint32_t *id, int from);
/* Nobody but the kernel writes to @event. */
int ucm_get_event(int fd, struct rdma_ucm_event_resp *event);
bool ucm_has_event(int fd, int milliseconds);

#endif
