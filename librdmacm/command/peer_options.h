/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* The options of rdma-ns ping, listen and doctor. */
#ifndef RDMA_NS_PEER_OPTIONS_H
#define RDMA_NS_PEER_OPTIONS_H

#include "command.h"

struct peer_options {
	const char *address; /* NULL: any */
	const char *netdev, *netns; /* or NULL */
	uint32_t count; /* 0: no end */
	uint32_t interval_ms, timeout_ms;
	uint32_t size;
	uint16_t port;
	enum rdma_ns_policy policy;
	bool datagram, json, quiet;
	bool help;
};

/* @words begins with the command's name. Returns an exit status. */
int ping_options(int count, char **words, struct peer_options *options);
int listen_options(int count, char **words, struct peer_options *options);
int doctor_options(int count, char **words, struct peer_options *options);

#endif
