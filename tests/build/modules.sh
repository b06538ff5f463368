#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Kernels are fetched, and sib builds for each of them, warnings being errors.
# Timeout: 600
set -euo pipefail
tree=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
. "$tree/tests/lib/tap.sh"
cd "$tree"

for kernel in 6.1 6.12; do
	tap_run "kernel $kernel is there" vm/kernel "$kernel"
	tap_run "sib builds for $kernel" vm/module --kernel "$kernel" providers/sib sib
done
tap_end
