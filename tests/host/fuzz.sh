#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# The fuzzers find nothing: each runs its seeds, what was found once among them, and then goes on for
# twenty seconds, one for each processor at a time. tests/fuzz/run does it for longer.
# Timeout: 480
set -euo pipefail
tree=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
. "$tree/tests/lib/tap.sh"
cd "$tree"

output=$(ctest --test-dir build/sanitize --output-on-failure --parallel "$(nproc)" -R '^fuzz_' 2>&1) || true
while read -r target; do
	tap_match "$target" ": fuzz_$target [.]* +Passed" "$output"
done < <(tests/fuzz/run --list)
tap_end
