// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: drivers/infiniband/core/cma_trace.h
// In: the file
@include@
@@
 #include <trace/misc/rdma.h>
+
+#include "cma_ns_words.h"
+#include "cma_request.h"
