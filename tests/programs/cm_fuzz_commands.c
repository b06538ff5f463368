// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Commands at /dev/infiniband/rdma_cm: nearly right, so that some of them are accepted. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rdma/rdma_user_cm.h>
#include <rdma/rdma_user_cm_ns_record.h>

#include "cm_fuzz.h"

#define FILES 4
#define COMMAND_MAX 512
#define ERRNOS 256

static struct {
	int fd;
} files[FILES];
static _Atomic uint32_t last_id; /* the kernel numbers them from 0, over all files */
static int namespace_fd;
static atomic_ulong answers[ERRNOS], accepted;

void fuzz_reopen(unsigned int i)
{
	i %= FILES;
	if (files[i].fd > 0)
		close(files[i].fd);
	files[i].fd = open("/dev/infiniband/rdma_cm", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (files[i].fd < 0) {
		perror("cm-fuzz: /dev/infiniband/rdma_cm");
		exit(1);
	}
}

/* A value that somebody may take seriously. */
static uint64_t interesting(void)
{
	static const uint64_t values[] = {
		0,   1,	  2,	3,	    4,		63,	    64,		 75,	    76,
		127, 255, 4096, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, UINT64_MAX
	};

	switch (draw_below(4)) {
	case 0:
		return draw();
	case 1:
		return draw_below(16);
	case 2:
		return (uint64_t)namespace_fd;
	default:
		return values[draw_below(sizeof(values) / sizeof(values[0]))];
	}
}

static uint32_t some_id(void)
{
	uint32_t last;

	if (!draw_below(20))
		return (uint32_t)interesting();
	last = last_id;
	return last - draw_below(last < 8 ? last + 1 : 8);
}

static void note(ssize_t result)
{
	if (result >= 0)
		accepted++;
	else
		answers[errno < ERRNOS ? errno : 0]++;
}

static void write_command(unsigned int file, uint32_t command, uint16_t in, uint16_t out,
			  const void *body, size_t size)
{
	/*
	 * The kernel reads a whole command, however short it was said to be: not what a stack
	 * holds.
	 */
	uint8_t buffer[sizeof(struct rdma_ucm_cmd_hdr) + COMMAND_MAX] = { 0 };
	const struct rdma_ucm_cmd_hdr header = { .cmd = command, .in = in, .out = out };

	memcpy(buffer, &header, sizeof(header));
	memcpy(buffer + sizeof(header), body, size);
	note(write(files[file].fd, buffer, sizeof(header) + size));
}

static void create_id(unsigned int file)
{
	struct rdma_ucm_create_id_resp response = { 0 };
	struct rdma_ucm_create_id command = {
		.response = (uintptr_t)&response,
		.ps = draw_below(4) ? RDMA_PS_TCP : RDMA_PS_UDP,
		.qp_type = 2,
	};

	response.id = UINT32_MAX;
	write_command(file, RDMA_USER_CM_CMD_CREATE_ID, sizeof(command), sizeof(response), &command,
		      sizeof(command));
	if (response.id != UINT32_MAX)
		last_id = response.id;
}

static void set_option(unsigned int file)
{
	static const uint32_t lengths[] = { 8, 4, 4, 4, 16, 4 };
	uint8_t value[80];
	struct rdma_ucm_set_option command = {
		.optval = (uintptr_t)value,
		.id = some_id(),
		.level = RDMA_OPTION_NS,
		.optname = 1 + draw_below(6),
	};
	uint64_t first = interesting(), second = interesting();

	draw_bytes(value, sizeof(value));
	memcpy(value, &first, sizeof(first));
	if (command.optname == RDMA_OPTION_NS_RECV_INGRESS && draw_below(2))
		second = 60 + draw_below(20);
	memcpy(value + sizeof(first), &second, sizeof(second));
	command.optlen = lengths[command.optname - 1];
	switch (draw_below(24)) {
	case 0:
		command.optlen = (uint32_t)interesting();
		break;
	case 1:
		command.optlen = draw_below(sizeof(value));
		break;
	case 2:
		command.optname = (uint32_t)interesting();
		break;
	case 3:
		command.level = (uint32_t)interesting();
		break;
	case 4:
		command.optval = interesting();
		break;
	}
	write_command(file, RDMA_USER_CM_CMD_SET_OPTION, sizeof(command), 0, &command,
		      sizeof(command));
}

/* An address of this namespace or none, so that ids get into other states too. */
static void bind_address(unsigned int file)
{
	struct rdma_ucm_bind command = { .id = some_id(), .addr_size = 16 };
	struct {
		uint16_t family, port;
		uint8_t address[4];
	} in = { .family = 2 };

	in.port = (uint16_t)draw();
	if (draw_below(2)) {
		in.address[0] = 10;
		in.address[3] = 5;
	}
	memcpy(&command.addr, &in, sizeof(in));
	write_command(file, RDMA_USER_CM_CMD_BIND, sizeof(command), 0, &command, sizeof(command));
}

static void listen_or_destroy(unsigned int file)
{
	struct rdma_ucm_destroy_id_resp response;
	struct rdma_ucm_listen listen = { .id = some_id(), .backlog = draw_below(4) };
	struct rdma_ucm_destroy_id destroy = { .response = (uintptr_t)&response, .id = some_id() };

	if (draw_below(2))
		write_command(file, RDMA_USER_CM_CMD_LISTEN, sizeof(listen), 0, &listen,
			      sizeof(listen));
	else
		write_command(file, RDMA_USER_CM_CMD_DESTROY_ID, sizeof(destroy), sizeof(response),
			      &destroy, sizeof(destroy));
}

/*
 * Any command, any length; the response goes where the bytes say, which is nowhere or into this
 * page.
 */
static void anything(unsigned int file)
{
	static uint8_t page[4096];
	uint8_t body[COMMAND_MAX];
	const uint64_t response = draw_below(4) ? (uintptr_t)page : interesting();
	size_t size = draw_below(3) ? draw_below(300) : draw_below(sizeof(body));
	uint32_t id = some_id();
	uint32_t command = draw_below(30);

	draw_bytes(body, size);
	for (size_t i = 0; i < size; i++)
		body[i] = body[i] < 85 ? body[i] : 0;
	if (size >= 16) {
		memcpy(body, &response, sizeof(response));
		memcpy(body + (draw_below(2) ? 8 : 0), &id, sizeof(id));
	}
	write_command(file, command, (uint16_t)(draw_below(4) ? size : draw()),
		      (uint16_t)draw_below(512), body, size);
}

/* This host's over InfiniBand and its peer's; both of its ends over RoCE; none. */
static void some_address(struct sockaddr_storage *address)
{
	static const uint8_t ends[][4] = {
		{ 10, 0, 0, 5 }, { 10, 0, 0, 9 }, { 10, 1, 0, 1 },
		{ 10, 1, 0, 2 }, { 0 },		  { 127, 0, 0, 1 },
	};
	struct sockaddr_in *in = (struct sockaddr_in *)address;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)address;
	uint32_t end = draw_below(16);

	memset(address, 0, sizeof(*address));
	if (end < 12) {
		in->sin_family = AF_INET;
		memcpy(&in->sin_addr, ends[end / 2], sizeof(ends[0]));
	} else {
		in6->sin6_family = AF_INET6;
		if (end < 15) {
			in6->sin6_addr.s6_addr[0] = 0xfd;
			in6->sin6_addr.s6_addr[15] = end & 1 ? 9 : 5;
		}
	}
	/* The port is in the same place. */
	in->sin_port = htons((uint16_t)(7000 + draw_below(4)));
}

static void resolve_address(unsigned int file)
{
	struct rdma_ucm_resolve_addr command = {
		.id = some_id(),
		.timeout_ms = 100,
		.src_size = draw_below(2) ? sizeof(struct sockaddr_in) : 0,
	};

	if (command.src_size)
		some_address((struct sockaddr_storage *)&command.src_addr);
	some_address((struct sockaddr_storage *)&command.dst_addr);
	command.dst_size = ((struct sockaddr_storage *)&command.dst_addr)->ss_family == AF_INET ?
				   sizeof(struct sockaddr_in) :
				   sizeof(struct sockaddr_in6);
	if (command.src_size)
		command.src_size = command.dst_size;
	write_command(file, RDMA_USER_CM_CMD_RESOLVE_ADDR, sizeof(command), 0, &command,
		      sizeof(command));
}

static void bind_some_address(unsigned int file)
{
	struct rdma_ucm_bind command = { .id = some_id() };

	some_address((struct sockaddr_storage *)&command.addr);
	command.addr_size = ((struct sockaddr_storage *)&command.addr)->ss_family == AF_INET ?
				    sizeof(struct sockaddr_in) :
				    sizeof(struct sockaddr_in6);
	write_command(file, RDMA_USER_CM_CMD_BIND, sizeof(command), 0, &command, sizeof(command));
}

static void resolve_route(unsigned int file)
{
	struct rdma_ucm_resolve_route command = { .id = some_id(), .timeout_ms = 100 };

	write_command(file, RDMA_USER_CM_CMD_RESOLVE_ROUTE, sizeof(command), 0, &command,
		      sizeof(command));
}

static void some_parameters(struct rdma_ucm_conn_param *parameters)
{
	draw_bytes(parameters->private_data, sizeof(parameters->private_data));
	parameters->qp_num = 2 + draw_below(64);
	parameters->private_data_len = (uint8_t)(draw_below(2) ? draw_below(64) : draw_below(256));
	parameters->responder_resources = 1;
	parameters->initiator_depth = 1;
	parameters->retry_count = 1;
	parameters->valid = 1;
}

static void connect_or_accept(unsigned int file)
{
	struct rdma_ucm_connect connect = { .id = some_id() };
	struct rdma_ucm_accept accept = { .id = connect.id };
	struct rdma_ucm_reject reject = { .id = connect.id, .reason = 28 };

	some_parameters(&connect.conn_param);
	accept.conn_param = connect.conn_param;
	switch (draw_below(5)) {
	case 0:
	case 1:
		write_command(file, RDMA_USER_CM_CMD_CONNECT, sizeof(connect), 0, &connect,
			      sizeof(connect));
		break;
	case 2:
	case 3:
		write_command(file, RDMA_USER_CM_CMD_ACCEPT, sizeof(accept), 0, &accept,
			      sizeof(accept));
		break;
	default:
		draw_bytes(reject.private_data, sizeof(reject.private_data));
		reject.private_data_len = (uint8_t)draw_below(256);
		write_command(file, RDMA_USER_CM_CMD_REJECT, sizeof(reject), 0, &reject,
			      sizeof(reject));
	}
}

/* A request comes with an id of its own. */
static void take_event(unsigned int file)
{
	struct pollfd ready = { .fd = files[file].fd, .events = POLLIN };
	struct rdma_ucm_event_resp event = { 0 };
	struct rdma_ucm_get_event command = { .response = (uintptr_t)&event };

	if (poll(&ready, 1, draw_below(4) ? 20 : 0) < 1)
		return;
	write_command(file, RDMA_USER_CM_CMD_GET_EVENT, sizeof(command), sizeof(event), &command,
		      sizeof(command));
	if (!event.event && event.id > last_id)
		last_id = event.id;
}

static void migrate(unsigned int file)
{
	struct rdma_ucm_migrate_resp response;
	struct rdma_ucm_migrate_id command = {
		.response = (uintptr_t)&response,
		.id = some_id(),
		.fd = (uint32_t)(draw_below(8) ? files[1 - file % 2].fd : namespace_fd),
	};

	write_command(file, RDMA_USER_CM_CMD_MIGRATE_ID, sizeof(command), sizeof(response),
		      &command, sizeof(command));
}

static void join_or_leave(unsigned int file)
{
	struct rdma_ucm_create_id_resp response = { 0 };
	struct rdma_ucm_join_mcast join = {
		.response = (uintptr_t)&response,
		.id = some_id(),
		.addr_size = sizeof(struct sockaddr_in),
		.join_flags = (uint16_t)draw_below(4),
	};
	struct rdma_ucm_destroy_id leave = { .response = (uintptr_t)&response, .id = join.id };
	struct sockaddr_in *in = (struct sockaddr_in *)&join.addr;

	in->sin_family = AF_INET;
	in->sin_addr.s_addr = htonl(0xe0010100 + draw_below(4));
	if (draw_below(3))
		write_command(file, RDMA_USER_CM_CMD_JOIN_MCAST, sizeof(join), sizeof(response),
			      &join, sizeof(join));
	else
		write_command(file, RDMA_USER_CM_CMD_LEAVE_MCAST, sizeof(leave), sizeof(response),
			      &leave, sizeof(leave));
}

static void ask(unsigned int file)
{
	static uint8_t page[4096];
	struct rdma_ucm_query query = {
		.response = (uintptr_t)page,
		.id = some_id(),
		.option = draw_below(4),
	};
	struct rdma_ucm_init_qp_attr attributes = {
		.response = (uintptr_t)page,
		.id = query.id,
		.qp_state = draw_below(5),
	};
	struct rdma_ucm_notify notify = { .id = query.id, .event = draw_below(20) };
	struct rdma_ucm_disconnect disconnect = { .id = query.id };

	switch (draw_below(6)) {
	case 0:
		write_command(file, RDMA_USER_CM_CMD_QUERY, sizeof(query), 1024, &query,
			      sizeof(query));
		break;
	case 1:
		write_command(file, RDMA_USER_CM_CMD_QUERY_ROUTE, sizeof(query), 1024, &query,
			      sizeof(query));
		break;
	case 2:
		write_command(file, RDMA_USER_CM_CMD_INIT_QP_ATTR, sizeof(attributes), 1024,
			      &attributes, sizeof(attributes));
		break;
	case 3:
		write_command(file, RDMA_USER_CM_CMD_NOTIFY, sizeof(notify), 0, &notify,
			      sizeof(notify));
		break;
	default:
		write_command(file, RDMA_USER_CM_CMD_DISCONNECT, sizeof(disconnect), 0, &disconnect,
			      sizeof(disconnect));
	}
}

void fuzz_begin(void)
{
	/* Ids can be made in the peer's namespace, too, if there is one. */
	if (!namespace_fd) {
		namespace_fd = open("/run/netns/peer", O_RDONLY | O_CLOEXEC);
		if (namespace_fd < 0)
			namespace_fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	}
	for (unsigned int i = 0; i < FILES; i++)
		fuzz_reopen(i);
	last_id = 0;
}

void fuzz_random_command(void)
{
	unsigned int file = draw_below(FILES), what = draw_below(100);

	if (what < 50)
		set_option(file);
	else if (what < 58)
		create_id(file);
	else if (what < 62)
		bind_address(file);
	else if (what < 70)
		listen_or_destroy(file);
	else
		anything(file);
}

/* Mostly on one file, where the ids are. */
void fuzz_sequence_command(void)
{
	static void (*const commands[])(unsigned int file) = {
		create_id,
		create_id,
		create_id,
		set_option,
		set_option,
		bind_some_address,
		bind_some_address,
		listen_or_destroy,
		resolve_address,
		resolve_address,
		resolve_route,
		connect_or_accept,
		connect_or_accept,
		take_event,
		take_event,
		take_event,
		migrate,
		join_or_leave,
		ask,
		ask,
		anything,
	};
	uint32_t what = draw_below(256);

	commands[what % (sizeof(commands) / sizeof(commands[0]))](what < 224 ? 0 : 1);
}

void fuzz_print_answers(void)
{
	printf("%lu accepted\n", accepted);
	for (unsigned int i = 0; i < ERRNOS; i++) {
		if (answers[i])
			printf("%lu %s\n", answers[i], i ? strerrorname_np((int)i) : "other");
	}
}
