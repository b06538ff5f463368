// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: drivers/infiniband/core/cma_listen.c
// In: cma_ib_id_from_event
@calls@
symbol id_priv, err, req, net_dev;
@@
 cma_ib_id_from_event(...)
 {
 	...
-	if (IS_ERR(*net_dev))
-		return ERR_CAST(*net_dev);
+	if (IS_ERR(*net_dev)) {
+		cma_trace_request(req, NULL, ERR_CAST(*net_dev));
+		return ERR_CAST(*net_dev);
+	}
 	...
+	cma_trace_request(req, *net_dev, id_priv);
 	rcu_read_unlock();
 	...
 }
