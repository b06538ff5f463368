// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: drivers/infiniband/core/cma_listen.h
// In: cma_any_addr
@declarations@
@@
 cma_any_addr(...) { ... }
+
+/* In cma.c: */
+void cma_id_get(struct rdma_id_private *id_priv);
+extern struct mutex cma_lock;
+struct rdma_bind_list *cma_ps_find(struct net *net,
+				   enum rdma_ucm_port_space ps, int snum);
+
+int cma_save_net_info(struct sockaddr *src_addr, struct sockaddr *dst_addr,
+		      const struct rdma_cm_id *listen_id,
+		      const struct ib_cm_event *ib_event, sa_family_t sa_family,
+		      __be64 service_id);
+bool cma_protocol_roce(const struct rdma_cm_id *id);
+struct rdma_id_private *
+cma_ib_id_from_event(struct ib_cm_id *cm_id, const struct ib_cm_event *ib_event,
+		     struct cma_req_info *req, struct net_device **net_dev);
