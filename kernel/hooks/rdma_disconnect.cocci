// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: cma.c
// In: rdma_disconnect
//
// A request that the application has given up is not sent again.
@rdma_disconnect@
symbol id_priv, ret;
@@
 rdma_disconnect(...)
 {
 	<...
 	ret = cma_modify_qp_err(id_priv);
+	cma_ns_stop_retry(id_priv);
 	...>
 }
