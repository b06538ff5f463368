// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: drivers/infiniband/core/ucma.c
// In: the file
@include@
@@
 #include <rdma/rdma_user_cm.h>
+#include <rdma/rdma_user_cm_ns.h>
