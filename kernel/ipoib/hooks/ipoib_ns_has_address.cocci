// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: ipoib_main.c
// In: ipoib_ns_has_address
//
// The stock search for an address, on a netdev and on those above it, is private to ipoib_main.c.
@ipoib_ns_has_address@
typedef bool;
@@
 ipoib_get_net_dev_match_addr(...) { ... }
+
+bool ipoib_ns_has_address(struct net_device *netdev, const struct sockaddr *address)
+{
+	struct net_device *found = ipoib_get_net_dev_match_addr(address, netdev);
+
+	dev_put(found);
+	return found;
+}
