/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
#ifndef PAIR_H
#define PAIR_H

#include "verbs.h"

/* Free all pairs that a case has left. */
void pairs_free(void);

#endif
