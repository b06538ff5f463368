// SPDX-License-Identifier: GPL-2.0
// File: cma.c
// In: _destroy_id
//
// The netdevice notifier must not come upon an id that is freed. After the port, which is the netdev's until then.
@_destroy_id@
symbol id_priv;
@@
 _destroy_id(...)
 {
 	<...
 	cma_release_port(id_priv);
+	cma_ns_forget(id_priv);
 	...>
 }
