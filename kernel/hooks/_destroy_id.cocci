// SPDX-License-Identifier: GPL-2.0
// File: cma.c
// In: _destroy_id
//
// The netdevice notifier must not come upon an id that is freed. After the port, which is the
// netdev's until then. And a request that waits to be sent again must not: while the device is
// there, since that may ask it for a path.
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

@_destroy_id_cancel@
symbol id_priv, state;
@@
 _destroy_id(...)
 {
 	<...
 	cma_cancel_operation(id_priv, state);
+	cma_ns_cancel_retry(id_priv);
 	...>
 }

@_destroy_id_free@
symbol id_priv;
@@
 _destroy_id(...)
 {
 	<...
 	wait_for_completion(&id_priv->comp);
+	cma_ns_free_retry(id_priv);
 	...>
 }
