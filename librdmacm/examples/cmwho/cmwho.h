/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * cmwho: find out who answers an RDMA CM connection, with a listener that names itself and a
 * client.
 */
#ifndef CMWHO_H
#define CMWHO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>

#include <rdma/rdma_cma.h>

enum {
	CMWHO_PORT = 7471,
	CMWHO_DATA_MAX = 255, /* private data: the CM's lengths are bytes */
	CMWHO_NAME_MAX = 63,  /* as much of a peer's name is printed */
	CMWHO_TEXT_MAX = 4 * CMWHO_NAME_MAX + sizeof("..."),
	CMWHO_HEX_MAX = 2 * CMWHO_DATA_MAX + 1,
	CMWHO_ADDRESS_MAX = 80,
};

enum cmwho_exit {
	CMWHO_EXIT_OK = 0,
	CMWHO_EXIT_FAILED = 1,
	CMWHO_EXIT_USAGE = 2,
};

enum cmwho_command {
	CMWHO_LISTEN,
	CMWHO_CONNECT,
};

struct cmwho_options {
	enum cmwho_command command;
	enum rdma_port_space port_space;
	struct sockaddr_storage address; /* to bind to, or to connect to */
	struct sockaddr_storage source;	 /* connect: AF_UNSPEC lets the kernel choose */
	const char *name;
	unsigned int count;   /* listen: requests before the end, 0 for no end; connect: attempts */
	unsigned int timeout; /* seconds; listen: 0 means no limit */
	int data_length;      /* private data to send; -1: as long as the name */
	bool reject;
	bool json;
	bool verbose;
};

enum cmwho_parsed {
	CMWHO_PARSED_RUN,
	CMWHO_PARSED_HELP,
	CMWHO_PARSED_ERROR,
};

/* options.c: on an error, its text is in error. */
enum cmwho_parsed cmwho_parse(int argc, char **argv, struct cmwho_options *options, char *error,
			      size_t error_size);
void cmwho_usage(void);

/* text.c: no text that a peer can choose reaches a terminal or a script unescaped. */
void cmwho_peer_name(const void *data, size_t length, char text[CMWHO_TEXT_MAX]);
void cmwho_hex(const void *data, size_t length, char text[CMWHO_HEX_MAX]);
void cmwho_json_string(FILE *out, const char *text);
void cmwho_address(const struct sockaddr *address, bool with_port, char text[CMWHO_ADDRESS_MAX]);
const char *cmwho_event_name(enum rdma_cm_event_type event);
void cmwho_status(const char *what, int status, char *text, size_t size);
size_t cmwho_private_data(const char *name, int length, uint8_t data[CMWHO_DATA_MAX]);

/* endpoint.c: what both ends do with librdmacm. */
struct cmwho_port {
	char local[CMWHO_ADDRESS_MAX];
	char peer[CMWHO_ADDRESS_MAX];
	const char *device;
	unsigned int device_port;
	unsigned int pkey; /* 0 unless this is InfiniBand */
};

struct rdma_event_channel *cmwho_channel(void);
void cmwho_describe(struct rdma_cm_id *id, struct cmwho_port *port);
int cmwho_create_qp(struct rdma_cm_id *id);
void cmwho_destroy(struct rdma_cm_id *id);
void cmwho_event_data(const struct rdma_cm_event *event, const void **data, size_t *length);
int64_t cmwho_milliseconds(void);
/* Get the next event, or -1: ETIMEDOUT past the deadline (negative: none), EINTR after a signal. */
int cmwho_next_event(struct rdma_event_channel *channel, int64_t deadline,
		     struct rdma_cm_event **event);
void cmwho_catch_signals(void);

int cmwho_listen(const struct cmwho_options *options);
int cmwho_connect(const struct cmwho_options *options);

#endif
