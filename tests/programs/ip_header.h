/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* RDMA CM's part of a request's private data, over IPv4 with a record. */
#ifndef IP_HEADER_H
#define IP_HEADER_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include <rdma/rdma_cm_ns_wire.h>

struct ip_header {
	uint8_t version, ip_version;
	uint16_t port;
	uint8_t record[sizeof(struct rdma_cm_ns_record)];
	struct in_addr source;
	uint8_t unused[12];
	struct in_addr destination;
} __attribute__((packed));

/* @qpn is the IPoIB QPN to aim at, or NULL for none. False if an address is no IPv4 address. */
bool ip_header_fill(struct ip_header *ip, const char *source, const char *destination,
		    const char *qpn);

#endif
