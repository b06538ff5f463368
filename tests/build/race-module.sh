#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# The rdma_cm that tests/kernel/race.sh loads builds from kernel/ as it is.
# Timeout: 1200
set -euo pipefail
tree=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
. "$tree/tests/lib/tap.sh"
tap_run "the extended rdma_cm with its race held open builds" "$tree/tests/race/build"
tap_end
