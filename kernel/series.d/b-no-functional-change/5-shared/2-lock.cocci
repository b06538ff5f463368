// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: drivers/infiniband/core/cma.c
// In: the file
@lock@
declarer name DEFINE_MUTEX;
symbol cma_lock;
@@
-static DEFINE_MUTEX(cma_lock);
+/* Protects the lists of devices, of listeners and of ids that share a port. */
+DEFINE_MUTEX(cma_lock);
