// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: drivers/infiniband/ulp/ipoib/ipoib_netlink.c
// In: ipoib_new_child_link
@own@
symbol pdev, ARPHRD_INFINIBAND;
@@
 ipoib_new_child_link(...)
 {
 	<...
+	/* TAP devices and bonds can have the type as well. */
-	if (!pdev || pdev->type != ARPHRD_INFINIBAND)
+	if (!pdev || pdev->rtnl_link_ops != ipoib_get_link_ops())
 		return -ENODEV;
 	...>
 }
