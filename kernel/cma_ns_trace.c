// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#define CREATE_TRACE_POINTS
#include "cma_ns_trace.h"
