// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: ipoib_main.c
// In: ipoib_get_net_dev_by_params
//
// rdma_cm and ib_uverbs can ask a question in the place of an IP address: see ipoib_ns_query.h.
@ipoib_get_net_dev_by_params@
identifier D, P, K, G, A;
symbol ret;
@@
 ipoib_get_net_dev_by_params(struct ib_device *D, u32 P, u16 K, const union ib_gid *G,
			     const struct sockaddr *A, ...)
 {
 	...
 	int ret;
+
+	if (ipoib_ns_asked(A))
+		return ipoib_ns_reply(D, P, K, G, A);
 	...
 }
