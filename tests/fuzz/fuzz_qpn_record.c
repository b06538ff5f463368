// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Private data from a hostile peer: what is taken for a record must encode to the same bytes. */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "qpn_record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(enum qpn_message message, const uint8_t *data, size_t size, size_t offset)
{
	struct sockaddr_in source = { .sin_family = AF_INET, .sin_port = htons(40722) };
	struct sockaddr_in destination = { .sin_family = AF_INET, .sin_port = htons(7471) };
	uint8_t copy[RDMA_CM_NS_REP_LENGTH];
	struct qpn_record record;

	if (qpn_trailer_find(message, (void *)&source, (void *)&destination, data, size, &record))
		return;
	memcpy(copy, data, qpn_trailer_length(message));
	qpn_trailer_blank(message, copy);
	if (qpn_trailer_put(message, &record, (void *)&source, (void *)&destination, copy,
			    offset) ||
	    memcmp(copy, data, qpn_trailer_length(message)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct qpn_record record;
	uint8_t bytes[12];

	if (size >= sizeof(bytes) && qpn_record_decode(data, &record) == QPN_RECORD_OK) {
		if (qpn_record_encode(&record, bytes) || memcmp(bytes, data, sizeof(bytes)))
			abort();
	}
	check(QPN_MESSAGE_REQ, data, size, RDMA_CM_NS_REQ_OFFSET);
	check(QPN_MESSAGE_SIDR_REQ, data, size, RDMA_CM_NS_SIDR_REQ_OFFSET);
	check(QPN_MESSAGE_REP, data, size, RDMA_CM_NS_REP_OFFSET);
	check(QPN_MESSAGE_SIDR_REP, data, size, RDMA_CM_NS_SIDR_REP_OFFSET);
	return 0;
}
