// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: drivers/infiniband/core/restrack.c
// In: rdma_restrack_commit_del
@release@
symbol rt, res, id, xa;
@@
 rdma_restrack_commit_del(...)
 {
 	...
-	xa_erase(&rt->xa, res->id);
+	/* Another QP may have the number by now. */
+	xa_release(&rt->xa, res->id);
 	...
 }
