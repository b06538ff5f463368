// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: cma.c
// In: cma_iw_listen
//
// iWARP providers open sockets in the namespace of the calling process. An id that was given
// another namespace must not listen there.
@cma_iw_listen@
symbol id_priv;
identifier id;
@@
 cma_iw_listen(...)
 {
 	...
+	if (!cma_ns_iwarp_is_home(id_priv))
+		return -EOPNOTSUPP;
 	id = iw_create_cm_id(...);
 	...
 }
