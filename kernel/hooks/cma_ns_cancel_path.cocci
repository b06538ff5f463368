// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: cma.c
// In: cma_ns_cancel_path
//
// Without this, whoever destroys an id would have to wait until its path query times out.
@cma_ns_cancel_path@
@@
 cma_cancel_route(...) { ... }
+
+void cma_ns_cancel_path(struct rdma_id_private *id_priv)
+{
+	cma_cancel_route(id_priv);
+}
