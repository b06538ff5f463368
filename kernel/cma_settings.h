/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* What the administrator of the host or of a network namespace decides. */
#ifndef CMA_SETTINGS_H
#define CMA_SETTINGS_H

#include <net/net_namespace.h>
#ifdef RDMA_NS_WITH_INGRESS
#include <rdma/rdma_user_cm_ns.h>
#endif

#ifdef RDMA_NS_WITH_INGRESS
/* Applied before a namespace is chosen. */
enum rdma_user_cm_ns_policy cma_ns_host_policy(void);
/* What holds for all listeners of @net; never laxer than the host's. */
enum rdma_user_cm_ns_policy cma_ns_net_policy(const struct net *net);
/* Does the QPN that a request aims at decide? The host says, before a namespace is chosen. */
bool cma_ns_heeding(void);
#endif
/* Do requests that leave @net carry QPNs? Neither it nor the host may have turned that off. */
bool cma_ns_sending(const struct net *net);
#ifdef RDMA_NS_WITH_OWNER
/* May a process name only its own QPs to a peer? The host decides, as containers share devices. */
bool cma_ns_own_qps_only(void);
#endif
#ifndef RDMA_NS_VERSION
int cma_ns_settings_init(void);
void cma_ns_settings_exit(void);
#endif

#endif
