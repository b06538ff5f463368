// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: drivers/infiniband/core/restrack.c
// In: rdma_restrack_add
@insert@
symbol ret, rt, res, GFP_KERNEL, id, xa;
@@
 rdma_restrack_add(...)
 {
 	<...
 	if (...)
 		res->id |= ...;
-	ret = xa_insert(&rt->xa, res->id, res, GFP_KERNEL);
+	ret = restrack_insert_qp(rt, res);
 	...>
 }
