#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# librdma-ns over siw and rxe on the extended rdma_cm: links/library.
# Fabric: --hosts 2 --extended
exec tests/links/library.sh
