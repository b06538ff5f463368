// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <time.h>

#include "attachment_delay.h"

uint64_t delay_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec + 1;
}

void delay_failed(struct record_delay *delay, uint64_t now)
{
	if (!delay->first)
		delay->first = now;
	delay->latest = now;
}

/* A record of the future is one that somebody else has written. */
uint64_t delay_left(const struct record_delay *delay, uint64_t now)
{
	uint64_t seconds = delay->latest - delay->first;

	if (!delay->first || delay->latest < delay->first || delay->latest > now)
		return 0;
	if (seconds < DELAY_MIN_SECONDS)
		seconds = DELAY_MIN_SECONDS;
	if (seconds > DELAY_MAX_SECONDS)
		seconds = DELAY_MAX_SECONDS;
	return now - delay->latest >= seconds ? 0 : delay->latest + seconds - now;
}

bool delay_is_long(const struct record_delay *delay)
{
	return delay->first && delay->latest >= delay->first + DELAY_MIN_SECONDS;
}
