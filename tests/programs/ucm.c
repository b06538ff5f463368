// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <err.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include <rdma/ib_user_ioctl_verbs.h>
#include <rdma/rdma_user_cm.h>

#include "ucm.h"

#define COMMAND_MAX 1024
#define RESPONSE_MAX 4096

/* Without a number from user space an id gets no events. */
#define UID 1

#define QP_STATE_INIT 1

int ucm_open(void)
{
	int fd = open("/dev/infiniband/rdma_cm", O_RDWR | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		err(1, "/dev/infiniband/rdma_cm");
	return fd;
}

static int command(int fd, uint32_t number, const void *body, size_t size, size_t out)
{
	uint8_t buffer[sizeof(struct rdma_ucm_cmd_hdr) + COMMAND_MAX];
	const struct rdma_ucm_cmd_hdr header = { .cmd = number,
						 .in = (uint16_t)size,
						 .out = (uint16_t)out };

	memcpy(buffer, &header, sizeof(header));
	memcpy(buffer + sizeof(header), body, size);
	return write(fd, buffer, sizeof(header) + size) < 0 ? -1 : 0;
}

static uint16_t address_size(const struct sockaddr_storage *address)
{
	return address->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) :
						sizeof(struct sockaddr_in);
}

int ucm_create(int fd, unsigned int space, uint32_t *id)
{
	struct rdma_ucm_create_id_resp response = { 0 };
	const struct rdma_ucm_create_id create = {
		.response = (uintptr_t)&response,
		.uid = UID,
		.ps = (uint16_t)space,
		.qp_type = space == RDMA_PS_UDP ? IB_UVERBS_QPT_UD : IB_UVERBS_QPT_RC,
	};
	int status =
		command(fd, RDMA_USER_CM_CMD_CREATE_ID, &create, sizeof(create), sizeof(response));

	if (!status)
		*id = response.id;
	return status;
}

int ucm_destroy(int fd, uint32_t id)
{
	struct rdma_ucm_destroy_id_resp response;
	const struct rdma_ucm_destroy_id destroy = { .response = (uintptr_t)&response, .id = id };

	return command(fd, RDMA_USER_CM_CMD_DESTROY_ID, &destroy, sizeof(destroy),
		       sizeof(response));
}

int ucm_set_option(int fd, uint32_t id, uint32_t level, uint32_t option, const void *value,
		   size_t length)
{
	const struct rdma_ucm_set_option set = {
		.optval = (uintptr_t)value,
		.id = id,
		.level = level,
		.optname = option,
		.optlen = (uint32_t)length,
	};

	return command(fd, RDMA_USER_CM_CMD_SET_OPTION, &set, sizeof(set), 0);
}

int ucm_bind(int fd, uint32_t id, const struct sockaddr_storage *address)
{
	struct rdma_ucm_bind bind = { .id = id, .addr_size = address_size(address) };

	memcpy(&bind.addr, address, sizeof(*address));
	return command(fd, RDMA_USER_CM_CMD_BIND, &bind, sizeof(bind), 0);
}

int ucm_listen(int fd, uint32_t id)
{
	const struct rdma_ucm_listen listen = { .id = id, .backlog = 64 };

	return command(fd, RDMA_USER_CM_CMD_LISTEN, &listen, sizeof(listen), 0);
}

int ucm_resolve_addr(int fd, uint32_t id, const struct sockaddr_storage *address,
		     uint32_t milliseconds)
{
	struct rdma_ucm_resolve_addr resolve = {
		.id = id,
		.timeout_ms = milliseconds,
		.dst_size = address_size(address),
	};

	memcpy(&resolve.dst_addr, address, sizeof(*address));
	return command(fd, RDMA_USER_CM_CMD_RESOLVE_ADDR, &resolve, sizeof(resolve), 0);
}

int ucm_resolve_route(int fd, uint32_t id, uint32_t milliseconds)
{
	const struct rdma_ucm_resolve_route resolve = { .id = id, .timeout_ms = milliseconds };

	return command(fd, RDMA_USER_CM_CMD_RESOLVE_ROUTE, &resolve, sizeof(resolve), 0);
}

int ucm_query(int fd, uint32_t id, uint32_t option, void *response, size_t size)
{
	const struct rdma_ucm_query query = {
		.response = (uintptr_t)response,
		.id = id,
		.option = option,
	};

	return command(fd, RDMA_USER_CM_CMD_QUERY, &query, sizeof(query), size);
}

int ucm_init_qp_attr(int fd, uint32_t id)
{
	static uint64_t response[RESPONSE_MAX / sizeof(uint64_t)];
	const struct rdma_ucm_init_qp_attr init = {
		.response = (uintptr_t)response,
		.id = id,
		.qp_state = QP_STATE_INIT,
	};

	return command(fd, RDMA_USER_CM_CMD_INIT_QP_ATTR, &init, sizeof(init), sizeof(response));
}

static struct rdma_ucm_conn_param parameters(uint32_t qpn)
{
	return (struct rdma_ucm_conn_param){
		.qp_num = qpn,
		.qkey = 0x11111111,
		.private_data_len = sizeof(uint32_t),
		.responder_resources = 1,
		.initiator_depth = 1,
		.retry_count = 7,
		.rnr_retry_count = 7,
		.valid = 1,
	};
}

int ucm_connect(int fd, uint32_t id, uint32_t qpn, uint32_t serial)
{
	struct rdma_ucm_connect connect = { .conn_param = parameters(qpn), .id = id };

	memcpy(connect.conn_param.private_data, &serial, sizeof(serial));
	return command(fd, RDMA_USER_CM_CMD_CONNECT, &connect, sizeof(connect), 0);
}

int ucm_accept(int fd, uint32_t id, uint32_t qpn)
{
	const struct rdma_ucm_accept accept = {
		.uid = UID,
		.conn_param = parameters(qpn),
		.id = id,
	};

	return command(fd, RDMA_USER_CM_CMD_ACCEPT, &accept, sizeof(accept), 0);
}

int ucm_establish(int fd, uint32_t id)
{
	const struct rdma_ucm_accept establish = { .uid = UID, .id = id };

	return command(fd, RDMA_USER_CM_CMD_ACCEPT, &establish, sizeof(establish), 0);
}

int ucm_reject(int fd, uint32_t id)
{
	/* IB_CM_REJ_CONSUMER_DEFINED */
	const struct rdma_ucm_reject reject = { .id = id, .reason = 28 };

	return command(fd, RDMA_USER_CM_CMD_REJECT, &reject, sizeof(reject), 0);
}

int ucm_disconnect(int fd, uint32_t id)
{
	const struct rdma_ucm_disconnect disconnect = { .id = id };

	return command(fd, RDMA_USER_CM_CMD_DISCONNECT, &disconnect, sizeof(disconnect), 0);
}

int ucm_migrate(int fd, uint32_t *id, int from)
{
	struct rdma_ucm_migrate_resp response;
	const struct rdma_ucm_migrate_id migrate = {
		.response = (uintptr_t)&response,
		.id = *id,
		.fd = (uint32_t)from,
	};

	return command(fd, RDMA_USER_CM_CMD_MIGRATE_ID, &migrate, sizeof(migrate),
		       sizeof(response));
}

int ucm_get_event(int fd, struct rdma_ucm_event_resp *event)
{
	const struct rdma_ucm_get_event get = { .response = (uintptr_t)event };

	return command(fd, RDMA_USER_CM_CMD_GET_EVENT, &get, sizeof(get), sizeof(*event));
}

bool ucm_has_event(int fd, int milliseconds)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };

	return poll(&ready, 1, milliseconds) > 0;
}
