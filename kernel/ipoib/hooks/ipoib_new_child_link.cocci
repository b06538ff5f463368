// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: ipoib_netlink.c
// In: ipoib_new_child_link
//
// The caller names the parent, and the caller may be any user in a namespace of their own. A TAP
// device can have this type as well, and a bond can have it too. The code below would take their
// private data for ib_ipoib's.
@ipoib_new_child_link@
symbol pdev, ARPHRD_INFINIBAND;
@@
 ipoib_new_child_link(...)
 {
 	<...
 	if (!pdev || pdev->type != ARPHRD_INFINIBAND
+	    || !ipoib_ns_is_own(pdev)
 	   ) { ... }
 	...>
 }
