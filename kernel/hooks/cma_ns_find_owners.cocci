// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: cma.c
// In: cma_ns_find_owners
//
// A request whose source is an address of this host is either the host's own or forged. If an id is
// sending it, it is the host's own. Ids are found by their port, in tables that are private to
// cma.c and under its lock.
@cma_ns_find_owners@
typedef __be64;
@@
 rdma_ps_from_service_id(...) { ... }
+
+const struct hlist_head *cma_ns_find_owners(struct net *net, __be64 service_id, u16 port)
+{
+	const struct rdma_bind_list *bind_list;
+
+	lockdep_assert_held(&lock);
+	bind_list = cma_ps_find(net, rdma_ps_from_service_id(service_id), port);
+	return bind_list ? &bind_list->owners : NULL;
+}
