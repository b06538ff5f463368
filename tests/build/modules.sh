#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Kernels are fetched, and sib builds for each of them, warnings being errors. For the first one, so do what lets
# allocations fail in tests/kernel/failures.sh and what holds moments open in tests/kernel/meanwhile.sh.
# Timeout: 1200
set -euo pipefail
tree=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
. "$tree/tests/lib/tap.sh"
cd "$tree"
. vm/lib.sh

for kernel in $(vm_kernels_here | head -n 2); do
	tap_run "kernel $kernel is there" vm/kernel "$kernel"
	tap_run "sib builds for $kernel" vm/module --kernel "$kernel" providers/sib sib
done
tap_run "fail_in builds" vm/module tests/fail_in
tap_run "hold_in builds" vm/module tests/hold_in
tap_end
