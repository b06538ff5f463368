// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: cma.c
// In: cma_ns_path_work
//
// cma_query_handler() queues this for the query of cma_ns_query_path.cocci. By then the path is in
// the id.
@cma_ns_path_work@
@@
 cma_work_handler(...) { ... }
+
+void cma_ns_path_work(struct work_struct *_work)
+{
+	struct cma_work *work = container_of(_work, struct cma_work, work);
+
+	cma_ns_path_known(work->id, work->event.status);
+	kfree(work);
+}
