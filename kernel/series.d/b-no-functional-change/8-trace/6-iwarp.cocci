// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: drivers/infiniband/core/cma.c
// In: iw_conn_req_handler
@iwarp@
symbol ret, conn_id, listen_id, cm_id, laddr, raddr;
@@
 iw_conn_req_handler(...)
 {
 	...
 	ret = rdma_translate_ip(...);
 	if (ret) {
+		cma_trace_iw(conn_id, listen_id, cm_id, raddr, laddr, ret);
 		...
 	}
 	ret = cma_iw_acquire_dev(conn_id, listen_id);
+	cma_trace_iw(conn_id, listen_id, cm_id, raddr, laddr, ret);
 	...
 }
