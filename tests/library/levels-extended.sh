#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# librdma-ns on the extended rdma_cm: the table of library/levels.
# Fabric: --hosts 2 --extended
exec tests/library/levels.sh 2
