#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# vm/fabric itself.
# Fabric: none
exec tests/vm/test_fabric.sh --guest
