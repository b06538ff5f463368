// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: drivers/infiniband/core/cma.c
// In: iw_conn_req_handler
@call@
symbol ret, conn_id, listen_id;
@@
 iw_conn_req_handler(...)
 {
 	...
 	ret = cma_iw_acquire_dev(conn_id, listen_id);
+	if (!ret)
+		ret = cma_iw_check_listener(conn_id, listen_id);
 	...
 }
