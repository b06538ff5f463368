// SPDX-License-Identifier: GPL-2.0
// File: ipoib_main.c
// In: ipoib_cleanup_module
//
// After the last netdev.
@ipoib_cleanup_module@
@@
 ipoib_cleanup_module(...)
 {
 	<...
+	ipoib_ns_exit();
 	ipoib_unregister_debugfs();
 	...>
 }
