// SPDX-License-Identifier: GPL-2.0
// File: ucma.c
// In: ucma_create_id
//
// "ip vrf exec" binds whatever a process creates to a VRF.
@ucma_create_id@
symbol ctx, cm_id;
@@
 ucma_create_id(...)
 {
 	<...
 	ucma_set_ctx_cm_id(ctx, cm_id);
+	rdma_ns_created(cm_id);
 	...>
 }
