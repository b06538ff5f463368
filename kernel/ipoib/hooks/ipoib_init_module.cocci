// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: ipoib_main.c
// In: ipoib_init_module
//
// The table must exist before the first netdev does.
@ipoib_init_module@
symbol ret;
@@
 ipoib_init_module(...)
 {
 	<...
(
+	ret = ipoib_ns_init();
+	if (ret)
+		return ret;
 	ipoib_register_debugfs();
|
+	ipoib_ns_exit();
 	ipoib_unregister_debugfs();
)
 	...>
 }
