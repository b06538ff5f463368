// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: drivers/infiniband/core/cma.c
// In: the file
@include@
@@
+#include "cma_reply.h"
 #include "cma_retry.h"
