#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Kernels: 6.1 6.12 (7.2)
# Fabric: --hosts 2
# Timeout: 120
exec "${RDMA_NS_BUILD:-build}/bin/verbs-transfer"
