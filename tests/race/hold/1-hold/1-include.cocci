// SPDX-License-Identifier: GPL-2.0
// File: drivers/infiniband/core/cma.c
// In: the file
@include@
@@
 #include "cma_trace.h"
+#include <linux/delay.h>
