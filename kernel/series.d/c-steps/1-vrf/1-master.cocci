// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: drivers/infiniband/ulp/ipoib/ipoib_main.c
// In: ipoib_get_master_net_dev
@master@
symbol master, NULL;
@@
 ipoib_get_master_net_dev(...)
 {
 	...
 	master = netdev_master_upper_dev_get_rcu(...);
+	/* The routes of a VRF name its ports. */
+	if (master && netif_is_l3_master(master))
+		master = NULL;
 	...
 }
