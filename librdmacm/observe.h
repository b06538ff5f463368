/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* What happened to a request or connection: counted, and told to whoever writes a log. */
#ifndef RDMA_NS_OBSERVE_H
#define RDMA_NS_OBSERVE_H

#include <rdma/rdma_ns.h>

#include "qpn_record.h"

enum observed {
	OBSERVED_REQUEST, /* passive: resolution and exchange are set */
	OBSERVED_ESTABLISHED, /* active: exchange is set, also below */
	OBSERVED_MISDELIVERED, /* active: another netdev answered, the policy does not want that */
	OBSERVED_REFUSED, /* active: the peer's library refused */
	OBSERVED_FAILED, /* active: any other end of an attempt; status is set */
};

struct observation {
	enum observed what;
	enum rdma_port_space port_space;
	struct sockaddr_storage local, peer;
	struct rdma_ns_resolution resolution;
	struct rdma_ns_exchange exchange;
	enum qpn_record_status record; /* that the peer's message had */
	int status; /* as the CM's event has it */
};

void observe(const struct observation *observation);

/* Set before any other use; NULL: nobody. */
void observe_with(void (*observer)(const struct observation *observation));

#endif
