// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: cma.c
// In: cma_connect_iw
//
// iWARP providers open sockets in the namespace of the calling process. An id that was given
// another namespace must not connect from there.
@cma_connect_iw@
symbol id_priv;
identifier id;
@@
 cma_connect_iw(...)
 {
 	...
+	if (!cma_ns_iwarp_is_home(id_priv))
+		return -EOPNOTSUPP;
 	id = iw_create_cm_id(...);
 	...
 }
