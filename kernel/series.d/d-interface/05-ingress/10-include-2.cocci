// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: drivers/infiniband/core/cma_listen.c
// In: the file
@include@
@@
 #include "cma_trace.h"
+#include "cma_verdict.h"
