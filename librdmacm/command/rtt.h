/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Round-trip times: least, average, greatest, and how they are spread. */
#ifndef RDMA_NS_RTT_H
#define RDMA_NS_RTT_H

#include <stdint.h>

struct rtt {
	uint64_t count;
	double least, greatest, mean;
	double squares; /* of the differences from the mean */
};

void rtt_add(struct rtt *rtt, double milliseconds);
/* The standard deviation; 0 of none. */
double rtt_deviation(const struct rtt *rtt);

#endif
