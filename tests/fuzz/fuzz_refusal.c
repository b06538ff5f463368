// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* The private data of a REJ: what is taken for a refusal is one, and any reason can be printed. */
#include <stdlib.h>
#include <string.h>

#include "refusal.h"
#include "resolution_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rdma_ns_exchange exchange = { .sent = RDMA_NS_SENT };
	struct rdma_cm_ns_refusal refusal;

	if (!refusal_decode(data, size, &exchange.refusal))
		return 0;
	if (exchange.refusal == RDMA_NS_REASON_NONE)
		abort();
	refusal_encode(exchange.refusal, &refusal);
	if (memcmp(&refusal, data, sizeof(refusal)))
		abort();
	/* It renews a neighbour entry only for reasons that a stale one can be the cause of. */
	switch (exchange.refusal) {
	case RDMA_NS_REASON_QPN_UNKNOWN:
	case RDMA_NS_REASON_UNRESOLVED:
	case RDMA_NS_REASON_ROUTE:
	case RDMA_NS_REASON_NOT_DELIVERED:
		break;
	default:
		if (refusal_may_be_stale(exchange.refusal))
			abort();
	}
	check_exchange(&exchange);
	return 0;
}
