// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: cma.c
// In: cma_ns_find_sender
//
// A request whose source is an address of this host is either the host's own or forged. If an id is
// sending it, it is the host's own. Ids are found by their port, in tables that are private to
// cma.c and under its lock.
@cma_ns_find_sender@
@@
 rdma_ps_from_service_id(...) { ... }
+
+const struct rdma_id_private *cma_ns_find_sender(const struct cma_ns_request *request,
+						 struct net *net, const struct sockaddr *source,
+						 const struct sockaddr *destination)
+{
+	const struct cma_req_info *req = container_of(request, struct cma_req_info, ns);
+	struct rdma_bind_list *bind_list;
+	struct rdma_id_private *id_priv;
+
+	lockdep_assert_held(&lock);
+	bind_list = cma_ps_find(net, rdma_ps_from_service_id(req->service_id),
+				be16_to_cpu(cma_port(source)));
+	if (!bind_list)
+		return NULL;
+	hlist_for_each_entry(id_priv, &bind_list->owners, node) {
+		if (cma_ns_sends(id_priv, request->event, source, destination))
+			return id_priv;
+	}
+	return NULL;
+}
