// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: drivers/infiniband/core/cma_listen.c
// In: cma_ib_id_from_event
@call@
symbol req, net_dev, ib_event;
@@
 cma_ib_id_from_event(...)
 {
 	<...
-	cma_check_route(*net_dev, req)
+	cma_check_route(*net_dev, ib_event, req)
 	...>
 }
