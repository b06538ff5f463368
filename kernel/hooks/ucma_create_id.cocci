// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: ucma.c
// In: ucma_create_id
//
// "ip vrf exec" binds whatever a process creates to a VRF. An id that cannot be bound must not end up
// outside of it.
@ucma_create_id@
identifier L;
symbol ctx, cm_id, ret, EFAULT;
@@
 ucma_create_id(...)
 {
 	<...
 	ucma_set_ctx_cm_id(ctx, cm_id);
+	ret = rdma_ns_created(cm_id);
+	if (ret)
+		goto L;
 	...
 	if (copy_to_user(...)) {
 		ret = -EFAULT;
 		goto L;
 	}
 	...>
 }
