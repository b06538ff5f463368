// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: drivers/infiniband/core/cm.c
// In: cm_send_rej_locked
@cancel@
symbol cm_id_priv;
@@
 cm_send_rej_locked(...)
 {
 	<...
(
+	ib_cancel_mad(cm_id_priv->msg);
 	cm_reset_to_idle(cm_id_priv);
|
+	ib_cancel_mad(cm_id_priv->msg);
 	cm_enter_timewait(cm_id_priv);
)
 	...>
 }
