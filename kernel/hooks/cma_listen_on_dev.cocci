// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: cma.c
// In: cma_listen_on_dev
//
// A listener ignores iWARP devices that are not below its netdev. Such a device can have only one
// listener for a port, and a second one there would make the whole listen fail. This also holds for
// devices that appear later.
@cma_listen_on_dev@
symbol id_priv, cma_dev, to_destroy;
@@
 cma_listen_on_dev(...)
 {
 	<...
 	*to_destroy = NULL;
+	if (!cma_ns_listens_on(id_priv, cma_dev->device))
+		return 0;
 	...>
 }
