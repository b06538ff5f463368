// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: drivers/infiniband/core/cma.c
// In: the file
// Everywhere: yes
@uses@
symbol lock, cma_lock;
@@
-&lock
+&cma_lock
