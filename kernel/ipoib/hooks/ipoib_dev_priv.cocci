// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: ipoib.h
// In: struct ipoib_dev_priv
//
// This is a netdev's place in the list and in the table by QP number.
@ipoib_dev_priv_include@
@@
+#include "ipoib_ns.h"
+
 enum ipoib_flush_level { ... };

@ipoib_dev_priv@
@@
 struct ipoib_dev_priv {
 	...
 	const struct net_device_ops *rn_ops;
+	struct ipoib_ns ns;
 };
