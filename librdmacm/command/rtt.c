// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <math.h>

#include "rtt.h"

/* Welford's method is used because sums of squares would lose digits in a long run. */
void rtt_add(struct rtt *rtt, double milliseconds)
{
	const double before = milliseconds - rtt->mean;

	if (!rtt->count || milliseconds < rtt->least)
		rtt->least = milliseconds;
	if (!rtt->count || milliseconds > rtt->greatest)
		rtt->greatest = milliseconds;
	rtt->count++;
	rtt->mean += before / (double)rtt->count;
	rtt->squares += before * (milliseconds - rtt->mean);
}

double rtt_deviation(const struct rtt *rtt)
{
	return rtt->count ? sqrt(rtt->squares / (double)rtt->count) : 0;
}
