// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: ipoib_main.c
// In: ipoib_ndo_init
//
// ib_ipoib or an accelerator's driver has made the QP. From now on the netdev can be found by the
// QP's number.
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
