// From: drivers/infiniband/core/cma.c
// To: drivers/infiniband/core/cma_listen.h
+
+#ifndef _CMA_LISTEN_H
+#define _CMA_LISTEN_H
+
+#include <net/ipv6.h>
+#include <rdma/ib.h>
+#include <rdma/rdma_cm.h>
+
+#include "cma_priv.h"
+
struct rdma_bind_list
+
union cma_ip_addr
+
struct cma_hdr
+
define CMA_VERSION
+
struct cma_req_info
+
cma_get_ip_ver
+
cma_src_addr
+
cma_zero_addr
+
cma_loopback_addr
+
cma_any_addr
+
+#endif /* _CMA_LISTEN_H */
