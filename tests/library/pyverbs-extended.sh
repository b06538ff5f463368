#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# pyverbs-tests on the extended rdma_cm.
# Fabric: --hosts 2 --extended
# Timeout: 900
exec tests/library/pyverbs.sh
