// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <string.h>

#include <rdma/rdma_user_cm_ns_record.h>

#include "ingress.h"
#include "ingress_query.h"

/* What the modules of kernel/series have, whose only difference is how they tell the record. */
#define QUERYING                                                                             \
	(RDMA_NS_FEATURE_RESOLVE | RDMA_NS_FEATURE_NETNS_FD | RDMA_NS_FEATURE_BIND_IFINDEX | \
	 RDMA_NS_FEATURE_POLICY | RDMA_NS_FEATURE_EXCHANGE | RDMA_NS_FEATURE_IPOIB)

static bool by_query;

int ingress_want(struct rdma_cm_id *listener, uint64_t cookie)
{
	struct rdma_user_cm_ns_recv_ingress wanted = {
		.cookie = cookie, .size = sizeof(struct rdma_user_cm_ns_record)
	};
	uint64_t features = QUERYING;
	int status = rdma_set_option(listener, RDMA_OPTION_NS, RDMA_OPTION_NS_RECV_INGRESS, &wanted,
				     sizeof(wanted));

	by_query = status && errno == EOPNOTSUPP;
	if (!by_query)
		return status;
	return rdma_set_option(listener, RDMA_OPTION_NS, RDMA_OPTION_NS_FEATURES, &features,
			       sizeof(features));
}

bool ingress_take(const struct rdma_cm_event *event, uint64_t cookie,
		  struct rdma_user_cm_ns_ingress *found)
{
	bool datagram = event->listen_id->ps == RDMA_PS_UDP;
	const char *data = datagram ? event->param.ud.private_data : event->param.conn.private_data;
	size_t length =
		datagram ? event->param.ud.private_data_len : event->param.conn.private_data_len;
	struct rdma_user_cm_ns_record record;

	if (by_query)
		return !ingress_query(event->id->channel->fd, found, sizeof(*found));
	if (length < sizeof(record))
		return false;
	memcpy(&record, data + length - sizeof(record), sizeof(record));
	*found = record.ingress;
	return record.cookie == cookie;
}
