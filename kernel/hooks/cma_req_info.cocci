// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: cma.c
// In: struct cma_req_info
//
// This carries what the three steps find out about a request from step to step.
@cma_req_info_include@
@@
 #include "cma_trace.h"
+#include "cma_ns.h"

@cma_req_info@
@@
 struct cma_req_info {
 	...
 	u16 pkey;
+	struct cma_ns_request ns;
 };
