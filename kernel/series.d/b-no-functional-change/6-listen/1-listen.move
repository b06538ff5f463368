// From: drivers/infiniband/core/cma.c
// To: drivers/infiniband/core/cma_listen.c
// Module: rdma_cm
+
+#include <linux/inetdevice.h>
+#include <linux/module.h>
+#include <net/ip_fib.h>
+#include <net/ip6_route.h>
+#include <net/ipv6.h>
+#include <net/route.h>
+
+#include <rdma/ib.h>
+#include <rdma/ib_cache.h>
+#include <rdma/ib_cm.h>
+#include <rdma/rdma_cm.h>
+
+#include "cma_listen.h"
+#include "cma_priv.h"
+
cma_save_ib_info
+
cma_save_ip4_info
+
cma_save_ip6_info
+
cma_port_from_service_id
+
cma_save_ip_info
+
cma_save_net_info
+
cma_save_req_info
+
validate_ipv4_net_dev
+
validate_ipv6_net_dev
+
validate_net_dev
+
roce_get_net_dev_by_cm_event
+
cma_get_net_dev
+
rdma_ps_from_service_id
+
cma_match_private_data
+
cma_protocol_roce
+
cma_is_req_ipv6_ll
+
cma_match_net_dev
+
cma_find_listener
+
cma_ib_id_from_event
