// SPDX-License-Identifier: GPL-2.0
// File: ipoib_main.c
// In: ipoib_ndo_uninit
//
// The QP is about to go, and with it the netdev's number.
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
