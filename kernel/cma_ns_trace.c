// SPDX-License-Identifier: GPL-2.0
#define CREATE_TRACE_POINTS
#include "cma_ns_trace.h"
