/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * When to look again for what could not be taken back. Each container that starts would have to
 * wait for that, and a tenant can leave behind as much as it likes.
 */
#ifndef RDMA_NS_ATTACHMENT_DELAY_H
#define RDMA_NS_ATTACHMENT_DELAY_H

#include <stdbool.h>
#include <stdint.h>

/* It has to wait for as long as it has been failing, within these limits. */
#define DELAY_MIN_SECONDS 60
#define DELAY_MAX_SECONDS 3600

/* In seconds since the host was booted; 0: it has not failed. */
struct record_delay {
	uint64_t first, latest;
};

uint64_t delay_now(void);
/* @now is what delay_now() returns. */
void delay_failed(struct record_delay *delay, uint64_t now);
/* How many seconds are left. */
uint64_t delay_left(const struct record_delay *delay, uint64_t now);
/* Whoever asks for it again and again has to wait as well, but not from the start. */
bool delay_is_long(const struct record_delay *delay);

#endif
