// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: ucma.c
// In: ucma_set_option_level
//
// This adds the new level of options, RDMA_OPTION_NS.
@ucma_set_option_level_include@
@@
 #include <rdma/rdma_cm_ib.h>
+#include "cma_ns_user.h"

@ucma_set_option_level@
symbol level, ctx, optname, optval, optlen, ret, RDMA_OPTION_IB;
@@
 ucma_set_option_level(...)
 {
 	<...
 	switch (level) {
 	case RDMA_OPTION_IB:
 		...
 		break;
+	case RDMA_OPTION_NS:
+		mutex_lock(&ctx->mutex);
+		ret = rdma_ns_set_option(ctx->cm_id, optname, optval, optlen);
+		mutex_unlock(&ctx->mutex);
+		break;
 	...
 	}
 	...>
 }
