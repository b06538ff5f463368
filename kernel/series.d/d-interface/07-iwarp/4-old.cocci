// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: drivers/infiniband/core/cma.c
// In: the file
@old@
@@
-static int cma_iw_check_listener(...) { ... }
