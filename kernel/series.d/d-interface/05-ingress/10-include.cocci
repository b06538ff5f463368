// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: drivers/infiniband/core/cma_listen.h
// In: the file
@include@
@@
 #include "cma_priv.h"
+#include "cma_request.h"
