// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: ipoib_main.c
// In: ipoib_ndo_uninit
//
// The QP is about to be destroyed, so the netdev must no longer be found by its number.
@ipoib_ndo_uninit@
identifier N, priv;
@@
 ipoib_ndo_uninit(struct net_device *N)
 {
 	struct ipoib_dev_priv *priv = ipoib_priv(N);
+
+	ipoib_ns_unmade(priv);
 	...
 }
