/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* The CM's requests as management datagrams, byte for byte. */
#ifndef CM_MESSAGES_H
#define CM_MESSAGES_H

#include <stddef.h>
#include <stdint.h>

#include "ip_header.h"

#define CM_CLASS 0x07
#define CM_CLASS_VERSION 2
#define CM_METHOD_SEND 3
#define CM_QKEY 0x80010000

#define SERVICE_TCP UINT64_C(0x01060000)
#define SERVICE_UDP UINT64_C(0x01110000)

struct mad_header {
	uint8_t base_version, class, class_version, method;
	uint16_t status, class_specific;
	uint64_t transaction;
	uint16_t attribute, reserved;
	uint32_t modifier;
} __attribute__((packed));

struct req {
	uint32_t local_id, reserved1;
	uint64_t service_id;
	uint64_t ca_guid;
	uint32_t reserved2, qkey;
	uint32_t qpn_and_resources, eecn_and_depth, remote_eecn_and_timeout, psn_and_timeout;
	uint16_t pkey;
	uint8_t mtu_and_retries, cm_retries;
	uint16_t local_lid, remote_lid;
	uint8_t local_gid[16], remote_gid[16];
	uint32_t flow_and_rate;
	uint8_t traffic_class, hop_limit, sl, ack_timeout;
	uint8_t alternate[44];
	struct ip_header ip;
} __attribute__((packed));

struct sidr_req {
	uint32_t id;
	uint16_t pkey, reserved;
	uint64_t service_id;
	struct ip_header ip;
} __attribute__((packed));

struct mad {
	struct mad_header header;
	union {
		struct req req;
		struct sidr_req sidr_req;
		uint8_t all[232];
	};
} __attribute__((packed));

_Static_assert(sizeof(struct mad) == 256, "a management datagram has 256 bytes");
_Static_assert(offsetof(struct req, ip) == 140, "private data of a REQ");
_Static_assert(offsetof(struct sidr_req, ip) == 16, "private data of a SIDR REQ");

#endif
