// SPDX-License-Identifier: GPL-2.0
// File: drivers/infiniband/core/cma.c
// In: cma_ib_req_handler
@open@
symbol listen_id;
@@
 cma_ib_req_handler(...)
 {
 	<...
+	cma_hold(&hold_open);
 	mutex_lock(&listen_id->handler_mutex);
 	...>
 }
