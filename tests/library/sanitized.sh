#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Some test files again, with library, command, examples and test programs built with AddressSanitizer and
# UndefinedBehaviorSanitizer, leaks included. All of them: tests/sanitize.
# Fabric: --hosts 2
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/reports.sh
files=(library/examples command/iwarp)

export RDMA_NS_BUILD=${RDMA_NS_BUILD:-$PWD/build}/sanitize
if [[ ! -x $RDMA_NS_BUILD/bin/faults ]]; then
	tap_skip "${files[*]} with sanitizers" "no $RDMA_NS_BUILD/bin/faults"
	exit
fi
scratch=$(mktemp -d "${TMPDIR:-/tmp}/sanitized.XXXXXXXX")
trap 'rm -rf -- "$scratch"' EXIT
# Programs run as other users as well.
chmod 755 "$scratch"
reports_options "$scratch/reports"

ASAN_OPTIONS+=:symbolize=0 "$RDMA_NS_BUILD/bin/faults" overflow >/dev/null 2>&1 || true
tap_match "an overflow on purpose is reported" "heap-buffer-overflow" "$(reports_take)"
for file in "${files[@]}"; do
	tap_run "$file with sanitizers" "tests/$file.sh"
done
tap_equal "and they have nothing to report" "" "$(reports_take)"
tap_end
