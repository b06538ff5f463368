#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# The unit tests, as built, and again under AddressSanitizer and UndefinedBehaviorSanitizer, and ThreadSanitizer.
set -euo pipefail
tree=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
. "$tree/tests/lib/tap.sh"
cd "$tree"

for folder in build build/sanitize build/threads; do
	while read -r name; do
		tap_run "$name in $folder" ctest --test-dir "$folder" --output-on-failure -R "^$name\$"
	done < <(ctest --test-dir "$folder" -N -E '^fuzz_' | sed -n 's/^ *Test *#[0-9]*: //p')
done
tap_end
