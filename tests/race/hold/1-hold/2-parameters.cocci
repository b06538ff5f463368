// SPDX-License-Identifier: GPL-2.0
// File: drivers/infiniband/core/cma.c
// In: cma_id_put
@parameters@
@@
 cma_id_put(...) { ... }
+
+static unsigned int hold_open;
+module_param(hold_open, uint, 0644);
+MODULE_PARM_DESC(hold_open, "wait so many milliseconds in each request's handler");
+
+static unsigned int hold_removal;
+module_param(hold_removal, uint, 0644);
+MODULE_PARM_DESC(hold_removal, "wait so many milliseconds for each id of a removed device");
+
+static void cma_hold(const unsigned int *milliseconds)
+{
+	unsigned int time = READ_ONCE(*milliseconds);
+
+	if (time)
+		msleep(time);
+}
