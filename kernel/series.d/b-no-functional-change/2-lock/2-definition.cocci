// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: drivers/infiniband/core/cma.c
// In: the file
@definition@
declarer name DEFINE_MUTEX;
symbol lock, cma_lock;
@@
-DEFINE_MUTEX(lock);
+DEFINE_MUTEX(cma_lock);
