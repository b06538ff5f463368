// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Usage: cm-fuzz COUNT [SEED]
 *
 * Writes COUNT random commands to /dev/infiniband/rdma_cm: half of them SET_OPTION of the level
 * RDMA_OPTION_NS, nearly right or nonsense; the others any command with any bytes, nearly right as
 * well. The files are opened anew now and then, whatever is left in them. Prints the seed and what
 * the kernel answered, each errno with its number. What it finds shows in the kernel's log and
 * memory. Exit status: 0, 1 failed, 2 usage.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <rdma/rdma_user_cm.h>
#include <rdma/rdma_user_cm_ns.h>

#define FILES 4
#define COMMAND_MAX 512
#define ERRNOS 256

static uint64_t state;

/* splitmix64 */
static uint64_t draw(void)
{
	uint64_t z = state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static uint32_t below(uint32_t limit)
{
	return (uint32_t)(draw() % limit);
}

static struct {
	int fd;
	uint32_t ids; /* created so far: the kernel numbers them from 0, over all files */
} files[FILES];
static uint32_t last_id;
static int namespace_fd;
static unsigned long answers[ERRNOS], accepted;

static void open_file(unsigned int i)
{
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

	switch (below(4)) {
	case 0:
		return draw();
	case 1:
		return below(16);
	case 2:
		return (uint64_t)namespace_fd;
	default:
		return values[below(sizeof(values) / sizeof(values[0]))];
	}
}

static uint32_t some_id(void)
{
	if (!below(20))
		return (uint32_t)interesting();
	return last_id - below(last_id < 8 ? last_id + 1 : 8);
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
		.ps = below(4) ? RDMA_PS_TCP : RDMA_PS_UDP,
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
		.optname = 1 + below(6),
	};
	uint64_t first = interesting(), second = interesting();

	for (size_t i = 0; i < sizeof(value); i++)
		value[i] = (uint8_t)draw();
	memcpy(value, &first, sizeof(first));
	if (command.optname == RDMA_OPTION_NS_RECV_INGRESS && below(2))
		second = 60 + below(20);
	memcpy(value + sizeof(first), &second, sizeof(second));
	command.optlen = lengths[command.optname - 1];
	switch (below(24)) {
	case 0:
		command.optlen = (uint32_t)interesting();
		break;
	case 1:
		command.optlen = below(sizeof(value));
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
	if (below(2)) {
		in.address[0] = 10;
		in.address[3] = 5;
	}
	memcpy(&command.addr, &in, sizeof(in));
	write_command(file, RDMA_USER_CM_CMD_BIND, sizeof(command), 0, &command, sizeof(command));
}

static void listen_or_destroy(unsigned int file)
{
	struct rdma_ucm_destroy_id_resp response;
	struct rdma_ucm_listen listen = { .id = some_id(), .backlog = below(4) };
	struct rdma_ucm_destroy_id destroy = { .response = (uintptr_t)&response, .id = some_id() };

	if (below(2))
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
	const uint64_t response = below(4) ? (uintptr_t)page : interesting();
	size_t size = below(3) ? below(300) : below(sizeof(body));
	uint32_t id = some_id();
	uint32_t command = below(30);

	for (size_t i = 0; i < size; i++)
		body[i] = below(3) ? 0 : (uint8_t)draw();
	if (size >= 16) {
		memcpy(body, &response, sizeof(response));
		memcpy(body + (below(2) ? 8 : 0), &id, sizeof(id));
	}
	write_command(file, command, (uint16_t)(below(4) ? size : draw()), (uint16_t)below(512),
		      body, size);
}

static void run(unsigned long count)
{
	for (unsigned long i = 0; i < count; i++) {
		unsigned int file = below(FILES), what = below(100);

		if (!(i % 4096))
			open_file((unsigned int)(i / 4096 % FILES));
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
}

int main(int argc, char **argv)
{
	unsigned long count;

	if (argc < 2 || argc > 3 || !(count = strtoul(argv[1], NULL, 10))) {
		fprintf(stderr, "usage: cm-fuzz COUNT [SEED]\n");
		return 2;
	}
	state = argc == 3 ? strtoull(argv[2], NULL, 0) : (uint64_t)time(NULL);
	printf("seed %llu\n", (unsigned long long)state);
	fflush(stdout);
	namespace_fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	for (unsigned int i = 0; i < FILES; i++)
		open_file(i);
	run(count);
	printf("%lu accepted\n", accepted);
	for (unsigned int i = 0; i < ERRNOS; i++) {
		if (answers[i])
			printf("%lu %s\n", answers[i], i ? strerrorname_np((int)i) : "other");
	}
	return 0;
}
