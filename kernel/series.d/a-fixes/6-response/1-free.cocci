// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: drivers/infiniband/core/sa_query.c
// In: recv_handler
@free@
symbol send_buf, mad_recv_wc;
@@
 recv_handler(...)
 {
 	<...
-	if (!send_buf)
-		return;
+	/* A response that nobody has asked for. */
+	if (!send_buf) {
+		ib_free_recv_mad(mad_recv_wc);
+		return;
+	}
 	...>
 }
