// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: drivers/infiniband/core/cma_listen.c
// In: cma_ib_id_from_event
@calls@
symbol bind_list, id_priv, err, ib_event, req, net_dev, cm_id;
@@
 cma_ib_id_from_event(...)
 {
-	struct rdma_bind_list *bind_list;
 	struct rdma_id_private *id_priv;
 	int err;
-	err = cma_save_req_info(ib_event, req);
-	if (err)
-		return ERR_PTR(err);
-	*net_dev = cma_get_net_dev(ib_event, req);
-	if (IS_ERR(*net_dev)) { ... }
+	*net_dev = cma_find_ingress(ib_event, req);
+	if (IS_ERR(*net_dev))
+		return ERR_CAST(*net_dev);
 	mutex_lock(&cma_lock);
 	rcu_read_lock();
-	if (*net_dev) { ... }
-	bind_list = cma_ps_find(...);
-	id_priv = cma_find_listener(bind_list, cm_id, ib_event, req, *net_dev);
-	if (!IS_ERR(id_priv))
-		cma_id_get(id_priv);
-err:
+	err = *net_dev ? cma_check_route(*net_dev, req) : 0;
+	if (err)
+		id_priv = ERR_PTR(err);
+	else
+		id_priv = cma_get_listener(cm_id, ib_event, req, *net_dev);
 	rcu_read_unlock();
 	...
 }
