// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: cma.c
// In: _destroy_id
//
// The netdevice notifier must not find an id that has been freed. The id is forgotten after its
// port is released, because the port belongs to the netdev until then. A request that waits to be
// sent again must not outlive the id either. It is cancelled while the device is still there,
// because it may be waiting for a path from that device.
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
