// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: drivers/infiniband/core/ucma.c
// In: ucma_connect_event_handler
@late@
symbol uevent, ctx, cm_id;
@@
 ucma_connect_event_handler(...)
 {
 	<...
-	ucma_set_ctx_cm_id(ctx, cm_id);
 	uevent = ucma_create_uevent(...);
 	...
+	/* From here on, destroying the context destroys the id. */
+	ucma_set_ctx_cm_id(ctx, cm_id);
 	uevent->conn_req_ctx = ctx;
 	...>
 }
