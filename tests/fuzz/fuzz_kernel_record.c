// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * The private data of a request from the extended kernel, with its record at their end: what is not
 * the record stays as it is, and what the record says is sound. The first byte is a policy.
 */
#include <stdlib.h>
#include <string.h>

#include "kernel_cm.h"
#include "resolution_check.h"

#define DATA_MAX 256

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct rdma_user_cm_ns_ingress *record, enum rdma_ns_policy policy)
{
	struct rdma_ns_resolution resolution;
	struct rdma_ns_exchange exchange = { .sent = RDMA_NS_SENT_NOT_ASKED };

	kernel_cm_resolution(record, policy, &resolution);
	kernel_cm_peer(record, &exchange);
	if (resolution.policy < policy || resolution.verdict > RDMA_NS_REJECT ||
	    (resolution.verdict != RDMA_NS_ACCEPT && resolution.reason == RDMA_NS_REASON_NONE) ||
	    (resolution.ingress.decided_by != RDMA_NS_BY_NOTHING) != !!resolution.ingress.ifindex)
		abort();
	check_resolution(&resolution);
	check_exchange(&exchange);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rdma_user_cm_ns_ingress ingress;
	struct rdma_user_cm_ns_record record;
	size_t length = size ? size - 1 : 0, before = length;
	bool found, marked = false;
	uint64_t cookie;
	uint8_t *copy;

	if (!size || length > DATA_MAX)
		return 0;
	/* On its own, so that a read past its end is seen. */
	copy = malloc(length ? length : 1);
	if (!copy)
		abort();
	memcpy(copy, data + 1, length);
	memcpy(&cookie, "a cookie", sizeof(cookie));
	if (length >= sizeof(record)) {
		memcpy(&record, copy + length - sizeof(record), sizeof(record));
		marked = record.cookie == cookie;
	}
	found = kernel_cm_take_record(copy, &length, cookie, &ingress);
	/* The application never sees what bears the cookie, and always all the rest. */
	if (length != before - (marked ? sizeof(record) : 0) || memcmp(copy, data + 1, length) ||
	    (found && !marked))
		abort();
	if (found)
		check(&ingress, data[0] % (RDMA_NS_POLICY_LAST + 1));
	free(copy);
	return 0;
}
