// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* What "rdma-ns ping" and "rdma-ns listen" read from whoever is at the other end. */
#include <stdlib.h>
#include <string.h>

#include "peer_message.h"
#include "resolution_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Each is told from the others by its magic number. */
static void check_hello(const uint8_t *data, size_t size)
{
	struct peer_hello hello, again;
	uint8_t bytes[PEER_HELLO_LENGTH];

	if (!peer_hello_decode(data, size, &hello))
		return;
	peer_hello_encode(&hello, bytes);
	if (hello.size > PEER_SIZE_MAX || !peer_hello_decode(bytes, sizeof(bytes), &again) ||
	    again.size != hello.size || again.interval_ms != hello.interval_ms)
		abort();
}

static void check_view(const uint8_t *data, size_t size)
{
	struct rdma_ns_resolution view, again;
	uint8_t bytes[PEER_VIEW_LENGTH];

	if (!peer_view_decode(data, size, &view))
		return;
	check_resolution(&view);
	peer_view_encode(&view, bytes);
	if (!peer_view_decode(bytes, sizeof(bytes), &again) || memcmp(&view, &again, sizeof(view)))
		abort();
}

static void check_message(const uint8_t *data, size_t size)
{
	struct peer_header header;
	uint8_t *bytes;

	if (peer_message_read(data, size, &header) != PEER_GOOD)
		return;
	bytes = malloc(size);
	if (!bytes ||
	    peer_message_write(&header, (uint32_t)(size - PEER_HEADER_LENGTH), bytes) != size ||
	    memcmp(bytes, data, size))
		abort();
	free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *why = peer_rejection_str(peer_rejection_decode(data, size));

	if (!why || !*why)
		abort();
	check_hello(data, size);
	check_view(data, size);
	check_message(data, size);
	return 0;
}
