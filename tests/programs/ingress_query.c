// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * librdmacm keeps to itself by which number the kernel knows an id. It is in the event of a
 * request, which librdmacm gets by a write() that is this file's.
 */
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <rdma/rdma_user_cm.h>

#include "ingress_query.h"

/* Of kernel/series.d/d-interface/12-query. */
#define RDMA_USER_CM_QUERY_INGRESS 4

struct get_event {
	struct rdma_ucm_cmd_hdr header;
	struct rdma_ucm_get_event body;
};

static uint32_t last_id;

ssize_t write(int fd, const void *bytes, size_t length)
{
	ssize_t written = syscall(SYS_write, fd, bytes, length);
	struct rdma_ucm_event_resp event;
	struct get_event command;

	if (written != (ssize_t)sizeof(command))
		return written;
	memcpy(&command, bytes, sizeof(command));
	if (command.header.cmd != RDMA_USER_CM_CMD_GET_EVENT ||
	    command.header.in != sizeof(command.body) || command.header.out < sizeof(event))
		return written;
	memcpy(&event, (const void *)(uintptr_t)command.body.response, sizeof(event));
	last_id = event.id;
	return written;
}

int ingress_query(int fd, void *answer, size_t size)
{
	struct {
		struct rdma_ucm_cmd_hdr header;
		struct rdma_ucm_query body;
	} command = {
		.header = { .cmd = RDMA_USER_CM_CMD_QUERY,
			    .in = sizeof(command.body),
			    .out = (uint16_t)size },
		.body = { .response = (uintptr_t)answer,
			  .id = last_id,
			  .option = RDMA_USER_CM_QUERY_INGRESS },
	};

	memset(answer, 0, size);
	return write(fd, &command, sizeof(command)) < 0 ? -1 : 0;
}
