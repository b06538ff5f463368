// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: cma_priv.h
// In: struct rdma_id_private
//
// An id keeps its binding and its options here, and what was found out about its request. The field
// is at the end, because ib_core, which is not rebuilt, finds the id of a resource by the offset of
// "res".
@rdma_id_private_include@
@@
+#include "cma_ns_id.h"
+
 enum rdma_cm_state { ... };

@rdma_id_private@
@@
 struct rdma_id_private {
 	...
 	struct rdma_ucm_ece ece;
+	struct cma_ns_id ns;
 };
