// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "ip_header.h"

bool ip_header_fill(struct ip_header *ip, const char *source, const char *destination,
		    const char *qpn)
{
	ip->ip_version = 4 << 4;
	ip->port = htons(1024);
	if (qpn) {
		struct rdma_cm_ns_record record = {
			.magic = htons(RDMA_CM_NS_MAGIC),
			.version_flags = RDMA_CM_NS_VERSION << 4 | RDMA_CM_NS_DESTINATION_QPN,
			.destination_qpn = htonl((uint32_t)strtoul(qpn, NULL, 0)),
		};

		memcpy(ip->record, &record, sizeof(record));
	}
	return inet_pton(AF_INET, source, &ip->source) == 1 &&
	       inet_pton(AF_INET, destination, &ip->destination) == 1;
}
