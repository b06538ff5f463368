// SPDX-License-Identifier: GPL-2.0
// File: ipoib_main.c
// In: ipoib_ndo_init
//
// The QP has been made, by ib_ipoib or by an accelerator's driver: from now on the netdev is found by its number.
@ipoib_ndo_init@
symbol priv;
@@
 ipoib_ndo_init(...)
 {
 	<...
+	ipoib_ns_made(priv);
 	return 0;
 	...>
 }
