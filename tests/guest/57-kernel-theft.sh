#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Every variant of the containment violation on the extended rdma_cm: red gets red's connections.
# Kernels: 6.1 (6.12) (7.2)
# Fabric: --hosts 2 --extended
# Timeout: 400
exec tests/violation/facts.sh
