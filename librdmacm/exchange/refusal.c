// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <arpa/inet.h>
#include <string.h>

#include "refusal.h"

void refusal_encode(enum rdma_ns_reason reason, struct rdma_cm_ns_refusal *refusal)
{
	memset(refusal, 0, sizeof(*refusal));
	refusal->magic = htonl(RDMA_CM_NS_REFUSAL_MAGIC);
	refusal->version = RDMA_CM_NS_VERSION;
	refusal->reason = (__u8)reason;
}

bool refusal_decode(const void *data, size_t length, enum rdma_ns_reason *reason)
{
	struct rdma_cm_ns_refusal refusal;
	const unsigned char *bytes = data;

	if (!data || length < sizeof(refusal))
		return false;
	memcpy(&refusal, data, sizeof(refusal));
	if (ntohl(refusal.magic) != RDMA_CM_NS_REFUSAL_MAGIC ||
	    refusal.version != RDMA_CM_NS_VERSION || !refusal.reason || refusal.zero)
		return false;
	/* InfiniBand pads with zeros, others end here. If more data follow, it is not a refusal. */
	for (size_t i = sizeof(refusal); i < length; i++) {
		if (bytes[i])
			return false;
	}
	*reason = (enum rdma_ns_reason)refusal.reason;
	return true;
}

bool refusal_may_be_stale(enum rdma_ns_reason reason)
{
	switch (reason) {
	case RDMA_NS_REASON_QPN_UNKNOWN:
	case RDMA_NS_REASON_UNRESOLVED:
	case RDMA_NS_REASON_ROUTE:
	case RDMA_NS_REASON_NOT_DELIVERED:
		return true;
	default:
		return false;
	}
}
