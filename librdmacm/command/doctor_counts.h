/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* The counters in /sys/module/rdma_cm/parameters, as text. */
#ifndef RDMA_NS_DOCTOR_COUNTS_H
#define RDMA_NS_DOCTOR_COUNTS_H

#include <stdbool.h>
#include <stdio.h>

#define DOCTOR_COUNTS_MAX 256

/*
 * List what is not 0 of the lines "PREFIX WORD NUMBER", as "WORD NUMBER, WORD NUMBER"; what finds no
 * room is left out. Returns false if the file has no line.
 */
bool doctor_counts(FILE *file, const char *prefix, char counts[DOCTOR_COUNTS_MAX]);

#endif
