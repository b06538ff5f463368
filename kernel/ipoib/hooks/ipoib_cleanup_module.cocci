// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: ipoib_main.c
// In: ipoib_cleanup_module
//
// This must happen after the last netdev has gone.
@ipoib_cleanup_module@
@@
 ipoib_cleanup_module(...)
 {
 	<...
+	ipoib_ns_exit();
 	ipoib_unregister_debugfs();
 	...>
 }
