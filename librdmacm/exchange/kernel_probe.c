// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Is this the extended rdma_cm? The question bypasses librdmacm, which opens nothing where there is
 * no device yet. It has a file of its own because librdmacm's header and the kernel's have names in
 * common.
 */
#include <fcntl.h>
#include <rdma/rdma_user_cm.h>
#include <rdma/rdma_user_cm_ns.h>
#include <unistd.h>

#include "descriptor.h"
#include "kernel_probe.h"

static int ask(int fd, uint64_t features)
{
	struct rdma_ucm_create_id_resp response = { 0 };
	struct {
		struct rdma_ucm_cmd_hdr header;
		struct rdma_ucm_create_id command;
	} create = {
		.header = { .cmd = RDMA_USER_CM_CMD_CREATE_ID,
			    .in = sizeof(create.command),
			    .out = sizeof(response) },
		.command = { .response = (uintptr_t)&response, .ps = RDMA_PS_TCP },
	};
	struct {
		struct rdma_ucm_cmd_hdr header;
		struct rdma_ucm_set_option command;
	} option = {
		.header = { .cmd = RDMA_USER_CM_CMD_SET_OPTION, .in = sizeof(option.command) },
		.command = { .optval = (uintptr_t)&features,
			     .level = RDMA_OPTION_NS,
			     .optname = RDMA_OPTION_NS_FEATURES,
			     .optlen = sizeof(features) },
	};

	if (write(fd, &create, sizeof(create)) != sizeof(create))
		return -1;
	option.command.id = response.id;
	return write(fd, &option, sizeof(option)) == sizeof(option);
}

/* Closing the file destroys the id. */
int kernel_probe(uint64_t features)
{
	int fd = descriptor_keep(open("/dev/infiniband/rdma_cm", O_RDWR | O_CLOEXEC));
	int answer;

	if (fd < 0)
		return -1;
	answer = ask(fd, features);
	close(fd);
	return answer;
}
