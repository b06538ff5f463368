#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Kernels: (all)
# Fabric: --hosts 2
exec tests/violation/facts.sh
