#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Kernels: all
# Fabric: --hosts 2
# Processors: 2
exec "${RDMA_NS_BUILD:-build}/bin/verbs-transfer"
