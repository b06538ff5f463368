// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: uverbs_uapi.c
// In: uverbs_core_api
//
// The method is one more part of the table from which each device's methods are made.
@uverbs_core_api_include@
@@
 #include "uverbs.h"
+#include "uverbs_netdevs.h"

@uverbs_core_api@
symbol uverbs_def_write_intf, rdma_ns_uverbs_netdevs;
@@
 static const struct uapi_definition uverbs_core_api[] = {
 	...,
 	UAPI_DEF_CHAIN(uverbs_def_write_intf),
+	UAPI_DEF_CHAIN(rdma_ns_uverbs_netdevs),
 	...
 };
