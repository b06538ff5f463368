/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* A made-up port with any number of IPoIB netdevs, each with an address. */
#ifndef GENERATED_H
#define GENERATED_H

#include "ns_messages.h"

#define GENERATED_FIRST_QPN 0x1000

extern const uint8_t generated_gid[16];

struct port generated_port(void);

/* Returns the microseconds that the table needs for them, as a dump tells them. */
double generated_fill(struct netdev_table *table, uint32_t count);

/* Microseconds of processor time, the kernel's on our behalf included: nothing here waits. */
double processor_us(void);

#endif
